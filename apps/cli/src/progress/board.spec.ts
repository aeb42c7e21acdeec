import type { RunEvent, RunView } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { boardLines } from './board-lines.js';
import { LiveScreen } from './live-screen.js';
import { PlainLines } from './plain-lines.js';
import { noticeOf, stagesInOrder, withEvent } from './run-board.js';
import { isLive, PLAIN, styleFor } from './style.js';

const SUBMITTED = '2026-01-01T00:00:00.000Z';
const NOW = Date.parse(SUBMITTED) + 72_000;

const progress = {
  phase: 'train',
  step: 1320,
  total: 2400,
  stepsPerSecond: 32.14,
  etaSeconds: 33.6,
  metrics: { learningRate: 0.001, gradientNorm: 3.3, loss: 1.23456, accuracy: 0.4321 },
};

const board: RunView = {
  project: 'default',
  runId: 'quick-20260101-000000-1a2b3c4',
  pipeline: 'quick',
  status: 'running',
  submittedAt: SUBMITTED,
  stages: {
    judge: { kind: 'evaluate', pool: 'default', needs: ['harden'], state: 'waiting' },
    harden: {
      kind: 'augmented-finetune',
      pool: 'default',
      needs: ['train'],
      state: 'running',
      epoch: 2,
      progress,
    },
    train: {
      kind: 'train',
      pool: 'default',
      needs: [],
      state: 'succeeded',
      startedAt: SUBMITTED,
      endedAt: '2026-01-01T00:00:41.000Z',
      summary: { testAccuracy: 0.4219, finalLoss: 1.5 },
    },
  },
};

function event(fields: Partial<RunEvent> & Pick<RunEvent, 'type'>): { sequence: number; event: RunEvent } {
  const base = { project: 'default', runId: board.runId, stage: 'harden', at: SUBMITTED };
  return { sequence: 1, event: { ...base, ...fields } as RunEvent };
}

const visible = (line: string): string => line.replace(/\u001b\[[0-9;]*m/g, '');

describe('a stage that is many', () => {
  const elements = {
    total: 120,
    succeeded: 35,
    found: 30,
    failed: 2,
    cancelled: 0,
    running: 8,
    failures: [],
  };
  const many = (fields: object): RunView => ({
    ...board,
    stages: { many: { kind: 'evaluate', pool: 'default', needs: [], state: 'running', ...fields } },
  });
  const lineOf = (fields: object, width = 130): string =>
    boardLines(many(fields), { ...PLAIN, width, now: NOW })[1] ?? '';

  it('shows how many of its elements have ended, and never hides that some failed', () => {
    expect(lineOf({ elements })).toBe(
      '  > many  [######--------------]   30 %  37/120  2 failed  8 begun  30 found',
    );
    expect(lineOf({ elements }, 32)).toContain('37/120  2 failed');
    expect(lineOf({ elements: { ...elements, total: undefined, failed: 0 } })).toContain('reads its list');
  });

  it('tells of them when it has ended', () => {
    const ended = { state: 'succeeded', startedAt: SUBMITTED, endedAt: '2026-01-01T00:00:41.000Z', elements };
    expect(lineOf(ended)).toBe('  + many  41 s  120 elements  2 failed  30 found');
  });
});

describe('the board of a run', () => {
  it('shows the stages in the order in which they run, each with what matters in its state', () => {
    expect(boardLines(board, { ...PLAIN, width: 130, now: NOW })).toEqual([
      'quick-20260101-000000-1a2b3c4 running  1 min 12 s',
      '  + train   41 s  accuracy 42.2 %  loss 1.500',
      '  > harden  [###########---------]   55 %  train  1320/2400  loss 1.235  accuracy 43.2 %  32 steps/s  ETA 34 s  attempt 2',
      '  . judge   waits for harden',
    ]);
  });

  it.each([110, 80, 60, 40, 25])('is never wider than a terminal of %d columns', (width) => {
    for (const style of [PLAIN, { color: true, unicode: true }]) {
      const lines = boardLines(board, { ...style, width, now: NOW });
      expect(Math.max(...lines.map((line) => visible(line).length))).toBeLessThanOrEqual(width);
    }
  });

  it('keeps the percentage longest when it gets narrow', () => {
    expect(boardLines(board, { ...PLAIN, width: 30, now: NOW })[2]).toContain('55 %');
  });

  it('draws eighths of a column, and no colour without being asked', () => {
    const [, , line = ''] = boardLines(board, { color: false, unicode: true, width: 120, now: NOW });
    expect(line).toContain('███████████░░░░░░░░░');
    expect(line).not.toContain('\u001b');
  });

  it('speaks of a wait for data when it is worth a word', () => {
    const waiting = (dataWait: number): string | undefined => {
      const metrics = { ...progress.metrics, dataWait };
      const moved = withEvent(board, event({ type: 'progress', progress: { ...progress, metrics } }));
      return boardLines(moved, { ...PLAIN, width: 130, now: NOW })[2];
    };
    expect(waiting(0.31)).toContain('loss 1.235  data wait 31.0 %');
    expect(waiting(0.02)).not.toContain('wait');
  });

  it('shows who computed a result that this run did not compute', () => {
    const cache = {
      outcome: 'hit',
      key: 'a'.repeat(64),
      from: { runId: 'quick-1', stage: 'train' },
    } as const;
    const train = { ...board.stages['train'], cache } as RunView['stages'][string];
    const [, line] = boardLines({ ...board, stages: { train } }, { ...PLAIN, width: 120, now: NOW });
    expect(line).toBe('  + train  41 s  found in quick-1  accuracy 42.2 %  loss 1.500');
  });

  it('says how a stage that is held is let go', () => {
    const gate: RunView['stages'][string] = { kind: 'noop', pool: 'p', needs: [], state: 'held' };
    const [, line] = boardLines({ ...board, stages: { gate } }, { ...PLAIN, width: 120, now: NOW });
    expect(line).toBe('  ? gate  held: approve it with vitrine approve RUN gate');
  });

  it('shows the error of a failed stage', () => {
    const error = {
      code: 'OutOfMemory',
      message: 'The stage ran out of memory.',
      hint: 'Lower it.',
    } as const;
    const train = { ...board.stages['train'], state: 'failed', error } as RunView['stages'][string];
    const [, line] = boardLines({ ...board, stages: { train } }, { ...PLAIN, width: 120, now: NOW });
    expect(line).toBe('  x train  OutOfMemory: The stage ran out of memory.  41 s');
  });

  it('takes progress from events until the next view, but not for a stage that has ended', () => {
    const moved = withEvent(board, event({ type: 'progress', progress: { ...progress, step: 2000 } }));
    expect(moved.stages['harden']?.progress?.step).toBe(2000);
    expect(withEvent(board, event({ type: 'progress', stage: 'train', progress }))).toBe(board);
    expect(withEvent(board, event({ type: 'progress', stage: 'constructor', progress }))).toBe(board);
  });

  it('gives notice of warnings and of attempts that go on, not of first ones', () => {
    const attempt = { type: 'attempt', resumedFromStep: 40, worker: 'w' } as const;
    expect(noticeOf(event({ ...attempt, epoch: 2 }))).toBe(
      'harden: attempt 2 goes on from the checkpoint of step 40',
    );
    expect(noticeOf(event({ ...attempt, epoch: 1 }))).toBeUndefined();
    expect(noticeOf(event({ type: 'log', level: 'warn', message: 'slow' }))).toBe('harden: slow');
    expect(noticeOf(event({ type: 'log', level: 'info', message: 'fine' }))).toBeUndefined();
  });

  it('lets nothing that a stage says steer the terminal', () => {
    const message = '\u001b[2J\u001b]0;title\u0007 bad\nsecond line';
    expect(noticeOf(event({ type: 'log', level: 'error', message }))).toBe('harden:  ]0;title  bad');
  });

  it('sorts stages that do not depend on each other by name', () => {
    const stage = (needs: string[]): RunView['stages'][string] => ({
      kind: 'noop',
      pool: 'p',
      needs,
      state: 'waiting',
    });
    const stages = { d: stage(['b', 'c']), c: stage(['a']), b: stage(['a']), a: stage([]) };
    expect(stagesInOrder({ stages }).map(([name]) => name)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('where nothing can be drawn over', () => {
  it('each change of a stage is told once, and progress by tenths', () => {
    const lines = new PlainLines();
    const at = (step: number): RunView => ({
      ...board,
      stages: {
        ...board.stages,
        harden: { ...board.stages['harden'], progress: { ...progress, step } } as never,
      },
    });
    expect(lines.update(at(10), NOW).map((line) => line.slice(0, 11))).toEqual([
      '  + train  ',
      '  > harden ',
    ]);
    expect(lines.update(at(100), NOW + 10_000)).toEqual([]);
    expect(lines.update(at(250), NOW + 11_000).length).toBe(1);
    expect(lines.update(at(500), NOW + 11_500)).toEqual([]);
    expect(lines.update(at(500), NOW + 14_000).length).toBe(1);
    expect(lines.update(at(501), NOW + 50_000).length).toBe(1);
  });

  it.each([
    [{ isTerminal: true, env: {} }, true, true],
    [{ isTerminal: true, env: { CI: 'true' } }, false, true],
    [{ isTerminal: true, env: { NO_COLOR: '1' } }, true, false],
    [{ isTerminal: true, env: { TERM: 'dumb' } }, false, false],
    [{ isTerminal: false, env: {} }, false, false],
  ])('with %j, drawing is %s and colour %s', (surroundings, live, color) => {
    expect(isLive(surroundings)).toBe(live);
    expect(styleFor(surroundings).color).toBe(color);
  });

  it('plain characters are used where the locale has no others', () => {
    expect(styleFor({ isTerminal: true, env: { LANG: 'C' } }).unicode).toBe(false);
    expect(styleFor({ isTerminal: true, env: { LANG: 'de_DE.UTF-8' } }).unicode).toBe(true);
    expect(styleFor({ isTerminal: true, env: {} }).unicode).toBe(true);
  });
});

describe('the live screen', () => {
  it('draws over what it drew, and prints above it', () => {
    let written = '';
    const screen = new LiveScreen({ write: (text) => (written += text) });
    screen.draw(['a', 'b']);
    screen.draw(['c']);
    screen.above('note');
    screen.draw(['d']);
    expect(written).toBe(
      'a\u001b[K\nb\u001b[K\n' +
        '\u001b[2A\rc\u001b[K\n\u001b[J' +
        '\u001b[1A\r\u001b[Jnote\n' +
        'd\u001b[K\n',
    );
  });
});
