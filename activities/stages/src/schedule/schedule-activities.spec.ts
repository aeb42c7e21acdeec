import { MockActivityEnvironment } from '@temporalio/testing';
import { createMemoryStores } from '@vitrine/artifact-store';
import {
  CHAMPION_JUDGE,
  parseScheduleSpec,
  VitrineError,
  type ArtifactRef,
  type EndedStart,
  type RunStatus,
  type ScheduledStart,
} from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { encodePredictions } from '../evaluation/predictions-artifact.js';
import { createScheduleControl } from './schedule-activities.js';

const stages = {
  train: { kind: 'train' },
  judge: { kind: 'evaluate', inputs: { model: 'train.model' }, params: { conditions: [{ kind: 'clean' }] } },
};
const pipeline = { version: 1, name: 'small', stages };
const schedule = { version: 1, name: 'nightly', times: { cron: '30 2 * * *' } };
const PLAIN = { start: { kind: 'pipeline', pipeline } };
const RETRAIN = { start: { kind: 'retrain', model: 'small', judge: 'judge', pipeline } };
const NEW_DATA = { newData: { of: 'dataset', dataset: 'cifar10-sample' } };

const startOf = (id: string, fields: object): ScheduledStart => ({
  spec: parseScheduleSpec({ ...schedule, ...fields }),
  id,
  at: '2026-01-02T02:30:00.000Z',
});

/** The activities over stores in memory, with a data set whose digest a test sets. */
function world() {
  const stores = createMemoryStores();
  const data: { sha256: string | undefined; loads: number } = { sha256: 'a'.repeat(64), loads: 0 };
  let code = 0;
  const control = createScheduleControl({
    ...stores,
    datasets: {
      load: () => {
        data.loads += 1;
        if (data.sha256 !== undefined) return Promise.resolve({ sha256: data.sha256 } as never);
        return Promise.reject(new VitrineError('DatasetMissing', 'It is not there.'));
      },
    },
    builtCode: () => ({ codeVersion: `code-${(code += 1)}`, kinds: {} }),
    clock: () => new Date('2026-01-02T02:30:00.250Z'),
  });
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    new MockActivityEnvironment().run(work) as Promise<T>;
  return {
    stores,
    data,
    prepare: (start: ScheduledStart) => run(() => control.prepareStart(start)),
    conclude: (start: ScheduledStart, runId: string, status: RunStatus) => {
      const end: EndedStart = { ...start, runId, status };
      return run(() => control.concludeStart(end));
    },
    history: async () => (await stores.schedules.history('default', 'nightly'))?.entries ?? [],
  };
}

describe('a start', () => {
  it('is one run with one request, however often it is asked for and whatever has been built since', async () => {
    const { prepare, stores, history } = world();
    const start = startOf('one', PLAIN);
    const answers = await Promise.all([prepare(start), prepare(start)]);
    answers.push(await prepare(start));
    const [{ request } = {}] = answers;
    expect(request?.runId).toMatch(/^nightly-20260102-023000-000[0-9a-f]{4}$/);
    expect(request?.submittedAt).toBe('2026-01-02T02:30:00.250Z');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await stores.runs.listRunIds('default')).toEqual([request?.runId]);
    expect(await history()).toMatchObject([{ outcome: 'started', runId: request?.runId }]);
  });

  it('is another run for another start at the same time', async () => {
    const { prepare, stores } = world();
    await prepare(startOf('one', PLAIN));
    await prepare(startOf('two', PLAIN));
    expect(await stores.runs.listRunIds('default')).toHaveLength(2);
  });

  it('computes anew what reads the data that are new, and nothing else by itself', async () => {
    const { prepare } = world();
    expect((await prepare(startOf('one', PLAIN))).request?.options?.force).toEqual([]);
    const { request } = await prepare(startOf('two', { ...PLAIN, ...NEW_DATA }));
    expect(request?.options?.force).toEqual(['train', 'judge']);
  });
});

describe('a start for new data', () => {
  const fields = { ...PLAIN, ...NEW_DATA };

  it('is left out while the data are those of the last run, and the history says so', async () => {
    const { prepare, conclude, history, data } = world();
    const first = startOf('one', fields);
    const { request } = await prepare(first);
    expect(await prepare(startOf('two', fields))).toEqual({});
    await conclude(first, request?.runId ?? '', 'succeeded');
    expect(await prepare(startOf('three', fields))).toEqual({});
    data.sha256 = 'b'.repeat(64);
    expect((await prepare(startOf('four', fields))).request).toBeDefined();
    expect((await history()).map(({ outcome, status, reason }) => [outcome, status, reason])).toEqual([
      ['started', 'succeeded', undefined],
      ['unchanged', undefined, 'the data are those of the last run'],
      ['unchanged', undefined, 'the data are those of the last run'],
      ['started', undefined, undefined],
    ]);
  });

  it('is made again after a run that failed: it has not used them', async () => {
    const { prepare, conclude } = world();
    const first = startOf('one', fields);
    await conclude(first, (await prepare(first)).request?.runId ?? '', 'failed');
    expect((await prepare(startOf('two', fields))).request).toBeDefined();
  });

  it('is made once when two look at the same moment', async () => {
    const { prepare } = world();
    const answers = await Promise.all(['one', 'two', 'three'].map((id) => prepare(startOf(id, fields))));
    expect(answers.filter(({ request }) => request)).toHaveLength(1);
  });

  it('that are not on the machine is noted as failed, and the next time looks again', async () => {
    const { prepare, history, data } = world();
    data.sha256 = undefined;
    expect(await prepare(startOf('one', fields))).toEqual({});
    expect(await history()).toMatchObject([{ outcome: 'failed', error: { code: 'DatasetMissing' } }]);
    data.sha256 = 'a'.repeat(64);
    expect((await prepare(startOf('two', fields))).request).toBeDefined();
  });
});

/** Seals the run of a start as if its stages had answered so many of a hundred images right. */
async function seal(
  { stores }: ReturnType<typeof world>,
  start: ScheduledStart,
  { candidate, champion }: { candidate: number; champion: number },
  request: NonNullable<Awaited<ReturnType<ReturnType<typeof world>['prepare']>>['request']>,
): Promise<void> {
  const artifacts = stores.artifacts('default');
  const condition = { kind: 'clean' as const };
  const judged = async (right: number) => {
    const logits = Float32Array.from({ length: 200 }, (_, i) => {
      const [image, k] = [Math.floor(i / 2), i % 2];
      return image < right === (k === 0) ? 1 : 0;
    });
    const labels = new Array<number>(100).fill(0);
    const content = encodePredictions({
      ...{ conditions: [condition], logits: [logits], distances: [], classes: 2, labels },
      datasetSha256: 'data',
    });
    const accuracy = right / 100;
    const result = {
      condition,
      images: 100,
      correct: right,
      accuracy,
      low: accuracy - 0.08,
      high: accuracy + 0.08,
    };
    const outputs = { predictions: await artifacts.put('predictions', content) };
    return { ...common('evaluate'), outputs, summary: { conditions: [result] } };
  };
  const common = (kind: 'evaluate' | 'train' | 'stored-model') => ({
    kind,
    pool: 'default',
    needs: [] as string[],
    state: 'succeeded' as const,
  });
  const model = (text: string): Promise<ArtifactRef> => artifacts.put('model', Buffer.from(text));
  const known = await stores.models.get('default', 'small');
  const against = known?.versions.at((known.changes.at(-1)?.version ?? 0) - 1)?.artifact;
  await stores.runs.seal({
    ...{ format: 1, request, status: 'succeeded', endedAt: start.at },
    stages: {
      train: { ...common('train'), outputs: { model: await model(start.id) } },
      judge: await judged(candidate),
      ...(against && {
        champion: { ...common('stored-model'), outputs: { model: against } },
        [CHAMPION_JUDGE]: await judged(champion),
      }),
    },
  });
}

describe('a re-training', () => {
  async function retrained(
    around: ReturnType<typeof world>,
    id: string,
    figures: { candidate: number; champion: number },
    meanwhile: () => Promise<void> = () => Promise.resolve(),
  ) {
    const start = startOf(id, RETRAIN);
    const { request } = await around.prepare(start);
    if (!request) throw new Error('nothing was started');
    await seal(around, start, figures, request);
    await meanwhile();
    await around.conclude(start, request.runId, 'succeeded');
    await around.conclude(start, request.runId, 'succeeded');
    return (await around.history()).find((entry) => entry.id === id)?.retrain;
  }

  it('promotes the first candidate, and then only a better one, with the figures in the registry', async () => {
    const around = world();
    expect(await retrained(around, 'one', { candidate: 50, champion: 0 })).toMatchObject({
      decision: 'promote',
      version: 1,
    });
    expect(await retrained(around, 'two', { candidate: 51, champion: 50 })).toMatchObject({
      decision: 'keep',
    });
    expect(await retrained(around, 'three', { candidate: 80, champion: 50 })).toMatchObject({
      decision: 'promote',
      version: 2,
      comparison: { candidateOnly: 30, championOnly: 0 },
    });
    expect(await retrained(around, 'four', { candidate: 40, champion: 80 })).toMatchObject({
      decision: 'alert',
    });
    const model = await around.stores.models.get('default', 'small');
    expect(model?.changes.map(({ id, by, version }) => [id, by, version])).toEqual([
      ['one', 'schedule/nightly', 1],
      ['three', 'schedule/nightly', 2],
    ]);
    expect(model?.changes[1]?.evidence?.comparison?.difference).toBeCloseTo(0.3);
  });

  it('judges the champion beside the candidate, by the same stage under the same seed', async () => {
    const around = world();
    await retrained(around, 'one', { candidate: 50, champion: 0 });
    const { request } = await around.prepare(startOf('two', RETRAIN));
    const { judge, [CHAMPION_JUDGE]: other, champion } = request?.spec.stages ?? {};
    expect(other).toMatchObject({
      kind: 'evaluate',
      params: judge?.params,
      inputs: { model: 'champion.model' },
    });
    expect(request?.seeds[CHAMPION_JUDGE]).toBe(request?.seeds['judge']);
    expect(champion).toMatchObject({ kind: 'stored-model' });
  });

  it('promotes nobody over a champion that it was not held against', async () => {
    const around = world();
    await retrained(around, 'one', { candidate: 50, champion: 0 });
    const { stores } = around;
    const decision = await retrained(around, 'two', { candidate: 90, champion: 50 }, async () => {
      await stores.models.change('default', 'small', (known) => {
        const first = known?.versions[0];
        if (!known || !first) return undefined;
        const artifact = { ...first.artifact, sha256: 'f'.repeat(64) };
        const change = { ...(known.changes[0] as never as object), id: 'by hand', version: 2 } as never;
        return {
          ...known,
          versions: [...known.versions, { ...first, version: 2, artifact }],
          changes: [...known.changes, change],
        };
      });
    });
    expect(decision).toMatchObject({
      decision: 'alert',
      reasons: [expect.stringContaining('the champion has changed'), expect.any(String)],
    });
  });
});
