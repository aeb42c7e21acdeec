import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent, StoredEvent } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLog } from './run-log.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-events-'));
  path = join(folder, 'default', 'run-1.ndjson');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function line(message: string, stage = 'train'): RunEvent {
  return {
    type: 'log',
    project: 'default',
    runId: 'run-1',
    stage,
    at: '2026-01-01T00:00:00.000Z',
    level: 'info',
    message,
  };
}

function step(step: number): RunEvent {
  return {
    type: 'progress',
    project: 'default',
    runId: 'run-1',
    stage: 'train',
    at: '2026-01-01T00:00:01.000Z',
    progress: { phase: 'train', step, total: 10, stepsPerSecond: 1, etaSeconds: 1, metrics: { loss: 2 } },
  };
}

async function all(log: RunLog, after = 0): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for await (const stored of log.read(after)) found.push(stored);
  return found;
}

describe('the event log of a run', () => {
  it('numbers events from 1 and gives back what was stored, in order', async () => {
    const log = await RunLog.open(path);
    await Promise.all([log.append([line('a'), line('b')]), log.append([line('c')])]);
    expect(await all(log)).toEqual([
      { sequence: 1, event: line('a') },
      { sequence: 2, event: line('b') },
      { sequence: 3, event: line('c') },
    ]);
    expect(await all(log, 2)).toEqual([{ sequence: 3, event: line('c') }]);
    expect(await all(log, 99)).toEqual([]);
  });

  it('goes on counting, and knows the latest progress, after a restart', async () => {
    await (await RunLog.open(path)).append([line('a'), step(7)]);
    const log = await RunLog.open(path);
    expect(log.trace.get('train')?.progress?.step).toBe(7);
    await log.append([line('b')]);
    expect((await all(log)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('cuts off a line that a crash has torn, and gives its number to the next event', async () => {
    await (await RunLog.open(path)).append([line('a'), line('b')]);
    await appendFile(path, '{"sequence":3,"event":{"type":"lo');
    const log = await RunLog.open(path);
    await log.append([line('c')]);
    expect((await all(log)).map(({ sequence, event }) => [sequence, event])).toEqual([
      [1, line('a')],
      [2, line('b')],
      [3, line('c')],
    ]);
    expect((await readFile(path, 'utf8')).endsWith('\n')).toBe(true);
  });

  it('passes over a damaged line in the middle', async () => {
    await (await RunLog.open(path)).append([line('a'), line('b'), line('c')]);
    const lines = (await readFile(path, 'utf8')).split('\n');
    lines[1] = '\u0000'.repeat(40);
    await writeFile(path, lines.join('\n'));
    const log = await RunLog.open(path);
    expect((await all(log)).map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect(log.lastSequence).toBe(3);
  });

  it('resumes in the middle of a long log, across blocks and characters of several bytes', async () => {
    const log = await RunLog.open(path);
    for (let batch = 0; batch < 30; batch += 1) {
      await log.append(Array.from({ length: 100 }, (_, index) => line(`ä€😀 ${batch * 100 + index + 1}`)));
    }
    const reopened = await RunLog.open(path);
    for (const opened of [log, reopened]) {
      const tail = await all(opened, 2345);
      expect(tail.length).toBe(655);
      expect(tail[0]).toEqual({ sequence: 2346, event: line('ä€😀 2346') });
    }
  });

  it('wakes every follower, each from its own place, until the follower stops', async () => {
    const log = await RunLog.open(path);
    await log.append([line('a'), line('b')]);
    const stop = new AbortController();
    const collect = async (after: number, wanted: number): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { sequence } of log.follow(after, stop.signal)) {
        seen.push(sequence);
        if (seen.length === wanted) break;
      }
      return seen;
    };
    const followers = [collect(0, 4), collect(1, 3), collect(2, 2), collect(4, 99)];
    await log.append([line('c')]);
    await log.append([line('d')]);
    expect(await Promise.all(followers.slice(0, 3))).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
      [3, 4],
    ]);
    stop.abort();
    expect(await followers[3]).toEqual([]);
  });

  it('stores nothing of a batch that cannot be written, and says where', async () => {
    const log = await RunLog.open(join(path, 'below-a-file'));
    await (await RunLog.open(path)).append([line('a')]);
    await expect(log.append([line('b')])).rejects.toMatchObject({ code: 'DiskFull' });
    expect(log.lastSequence).toBe(0);
  });
});
