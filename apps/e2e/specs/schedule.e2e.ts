import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backfillSchema,
  registeredModelSchema,
  runListSchema,
  runRequestSchema,
  scheduleViewSchema,
  type RegisteredModel,
  type ScheduleView,
} from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack, sleep } from '../src/local-stack.js';

const train = {
  kind: 'train',
  params: {
    model: { width: 48, depth: 2, heads: 3 },
    train: { limit: 256 },
    test: { limit: 64 },
    epochs: 2,
    batchSize: 64,
  },
};
const judge = {
  kind: 'evaluate',
  inputs: { model: 'train.model' },
  params: { test: { limit: 128 }, conditions: [{ kind: 'clean' }] },
};
const PLAIN = {
  kind: 'pipeline',
  pipeline: { version: 1, name: 'nothing', stages: { only: { kind: 'noop' } } },
};
const RETRAIN = {
  kind: 'retrain',
  model: 'small',
  judge: 'judge',
  pipeline: { version: 1, name: 'small', stages: { train, judge } },
};

describe('schedules on the local stack', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.up();
  });
  afterAll(async () => {
    await stack.destroy();
  });

  async function make(name: string, fields: object, ...options: string[]): Promise<ScheduleView> {
    const path = join(stack.stateDir, `${name}.json`);
    await writeFile(path, JSON.stringify({ version: 1, name, ...fields }));
    return scheduleViewSchema.parse(JSON.parse(await stack.vitrine('schedule', path, '--json', ...options)));
  }

  async function told(...words: string[]): Promise<ScheduleView> {
    return scheduleViewSchema.parse(JSON.parse(await stack.vitrine('schedule', ...words, '--json')));
  }

  async function model(...words: string[]): Promise<RegisteredModel> {
    return registeredModelSchema.parse(JSON.parse(await stack.vitrine('models', ...words, '--json')));
  }

  async function until(name: string, holds: (view: ScheduleView) => boolean): Promise<ScheduleView> {
    for (;;) {
      const response = await stack.fetch(`/api/v1/schedules/default/${name}`).catch(() => undefined);
      const view = response?.ok ? scheduleViewSchema.parse(await response.json()) : undefined;
      if (view && holds(view)) return view;
      await sleep(200);
    }
  }

  const ended = ({ recent }: ScheduleView, count: number): boolean =>
    recent.filter(({ status }) => status !== undefined).length >= count;

  it('start runs like submitted ones at their times, stop when paused, and make up for what was missed', async () => {
    await make('often', { times: { everySeconds: 5 }, overlap: 'allow-all', start: PLAIN });
    await until('often', (view) => ended(view, 2));
    const paused = await told('pause', 'often', '--note', 'seen enough');
    expect(paused).toMatchObject({ paused: true, note: 'seen enough', next: [] });
    const [entry] = (await until('often', ({ recent }) => recent.every(({ status }) => status))).recent;
    expect(entry).toMatchObject({ outcome: 'started', status: 'succeeded' });
    const runs = runListSchema.parse(JSON.parse(await stack.vitrine('runs', '--json')));
    expect(runs.runs.map(({ runId }) => runId)).toContain(entry?.runId);
    const response = await stack.fetch(`/api/v1/runs/default/${entry?.runId}/request`);
    expect(runRequestSchema.parse(await response.json()).options?.scheduledBy).toEqual({
      schedule: 'often',
      at: entry?.at,
    });

    const range = ['often', '--from', '2026-01-01T00:00:00Z', '--until', '2026-01-01T00:00:10Z', '--json'];
    const dry = backfillSchema.parse(
      JSON.parse(await stack.vitrine('schedule', 'backfill', ...range, '--dry-run')),
    );
    expect(dry.times).toHaveLength(3);
    await stack.vitrine('schedule', 'backfill', ...range);
    const of = ({ recent }: ScheduleView) => recent.filter(({ at }) => dry.times.includes(at));
    const filled = await until('often', (view) => {
      const made = of(view);
      return made.length === 3 && made.every(({ status }) => status !== undefined);
    });
    expect(of(filled).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    await told('delete', 'often');
  });

  it('re-train, promote a first champion, keep it, and let a person promote and roll back', async () => {
    const yearly = { times: { cron: '0 0 1 1 *' }, overlap: 'buffer-one', start: RETRAIN };
    await make('trainer', yearly);
    await stack.vitrine('schedule', 'trigger', 'trainer');
    const first = await until('trainer', (view) => ended(view, 1));
    expect(first.recent[0]).toMatchObject({
      status: 'succeeded',
      retrain: { decision: 'promote', version: 1 },
    });
    await stack.vitrine('schedule', 'trigger', 'trainer');
    const second = await until('trainer', (view) => ended(view, 2));
    expect(second.recent[0]).toMatchObject({
      status: 'succeeded',
      retrain: { decision: 'keep', comparison: { images: 128, candidateOnly: 0, championOnly: 0 } },
    });

    const path = join(stack.stateDir, 'other.json');
    const other = { ...train, params: { ...train.params, epochs: 1 } };
    await writeFile(path, JSON.stringify({ version: 1, name: 'other', stages: { train: other } }));
    await stack.vitrine('run', path);
    const promoted = await model('promote', 'small', 'last.train.model', '--why', 'by hand');
    expect(promoted.changes.map(({ action, version }) => [action, version])).toEqual([
      ['promote', 1],
      ['promote', 2],
    ]);
    const back = await model('rollback', 'small', '--why', 'it was better before');
    expect(back.changes.at(-1)).toMatchObject({
      action: 'rollback',
      version: 1,
      why: 'it was better before',
    });
    expect(back.versions).toEqual(promoted.versions);
  });
});
