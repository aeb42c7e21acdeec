import { Context } from '@temporalio/activity';
import type { ElementsView, RunView, StageJob, StageResult } from '@vitrine/contracts';
import { elementsWorkflowId, QUERY } from '@vitrine/contracts/names';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { resultsOf } from './testing/elements-double.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import type { fetchHistory } from './testing/histories.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
let computed: StageJob[];
beforeAll(async () => {
  harness = await PipelineHarness.start(inject('temporal'), await bundle());
}, 60_000);
afterAll(() => harness.stop());
beforeEach(() => {
  computed = [];
});

const compute = async (job: StageJob) => {
  computed.push(job);
  return stageResult(job);
};

let seeds = 0;
const once = { own: 0, infrastructure: 0 };
/** A fan-out over steps, whose keys no other test has. */
function many(items: readonly unknown[], change: object = {}, forEach: object = {}) {
  seeds += 1;
  return { seed: seeds, retry: once, forEach: { items, params: { steps: 'item' }, ...forEach }, ...change };
}

const elementsOf = (view: RunView, stage = 'many') => view.stages[stage]?.elements as ElementsView;

async function eventsOf(handle: Parameters<typeof fetchHistory>[0]): Promise<number> {
  return (await handle.fetchHistory()).events?.length ?? 0;
}

function ask(runId: string, stage = 'many'): Promise<ElementsView> {
  return harness.client.workflow
    .getHandle(elementsWorkflowId('default', runId, stage))
    .query<ElementsView>(QUERY.elements);
}

describe('a stage that is made many', () => {
  it('runs once for each item with its parameters and a seed of its own, and gives a list', async () => {
    const view = await harness.run(
      { many: many([5, 3, 5]), next: { inputs: { after: { all: 'many.done' } } } },
      compute,
    );
    expect(view.status).toBe('succeeded');
    const jobs = computed
      .filter(({ stage }) => stage !== 'next')
      .sort((a, b) => (a.stage < b.stage ? -1 : 1));
    expect(jobs.map(({ stage, params }) => [stage, params['steps']])).toEqual([
      ['many.0', 5],
      ['many.1', 3],
      ['many.2', 5],
    ]);
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(3);
    const list = view.stages['many']?.outputs?.['done'];
    expect(list?.type).toBe('list');
    expect(list && harness.elements.get(list)).toMatchObject({
      of: 'document',
      elements: [0, 1, 2].map((index) => ({
        index,
        artifact: { uri: expect.stringMatching(`many.${index}$`) },
      })),
    });
    expect(view.stages['many']?.summary).toEqual({ elements: 3, succeeded: 3, failed: 0 });
    expect(elementsOf(view)).toMatchObject({ total: 3, succeeded: 3, failed: 0, running: 0, failures: [] });
    expect(computed.find(({ stage }) => stage === 'next')?.inputs).toEqual({ after: { all: list } });
  });

  it('takes its list from what an earlier stage gave, empty ones included', async () => {
    const list = (items: unknown[]) => async (job: StageJob) => {
      const result = await compute(job);
      return job.stage === 'list'
        ? { ...result, outputs: { done: harness.elements.put('document', items) } }
        : result;
    };
    const stages = { list: {}, many: many([], {}, { items: undefined, over: 'list.done' }) };
    const view = await harness.run(stages, list([1, 2]));
    expect(elementsOf(view)).toMatchObject({ total: 2, succeeded: 2 });
    const none = await harness.run(stages, list([]));
    expect(none.status).toBe('succeeded');
    expect(elementsOf(none)).toMatchObject({ total: 0, succeeded: 0 });
  });

  it('never has more elements under way than it may', async () => {
    let now = 0;
    let most = 0;
    const view = await harness.run(
      { many: many([...Array(12).keys()], {}, { maxParallel: 3 }) },
      async (job) => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        now -= 1;
        return stageResult(job);
      },
    );
    expect(view.status).toBe('succeeded');
    expect(most).toBeLessThanOrEqual(3);
  });

  it('regression for flyteorg/flyte#6800 and flyteorg/flyte#1276: each element has the retries of the stage, for itself', async () => {
    const tries = new Map<string, number>();
    const view = await harness.run(
      { many: many([1, 2, 3], { retry: { own: 1, infrastructure: 0 } }) },
      async (job) => {
        tries.set(job.stage, (tries.get(job.stage) ?? 0) + 1);
        if (tries.get(job.stage) === 1) throw failWith('StageFailed', 'The first try breaks.');
        return stageResult(job);
      },
    );
    expect(view.status).toBe('succeeded');
    expect([...tries.values()]).toEqual([2, 2, 2]);
  });

  it('regression for flyteorg/flyte#4331: succeeds when as many succeed as must, and leaves out of its list what failed', async () => {
    const fails = async (job: StageJob) => {
      if (job.params['steps'] === 2) throw failWith('NonFiniteLoss', 'The loss is NaN.', { where: 'step 3' });
      return compute(job);
    };
    const view = await harness.run({ many: many([1, 2, 3, 4], {}, { minSuccessRatio: 0.75 }) }, fails);
    expect(view.status).toBe('succeeded');
    expect(view.stages['many']?.summary).toEqual({ elements: 4, succeeded: 3, failed: 1 });
    expect(elementsOf(view).failures).toMatchObject([
      { index: 1, item: '2', error: { code: 'NonFiniteLoss' } },
    ]);
    const list = view.stages['many']?.outputs?.['done'];
    expect(list && harness.elements.get(list)).toMatchObject({
      elements: [{ index: 0 }, { index: 2 }, { index: 3 }],
    });
  });

  it('names what failed when too much did, and keeps what succeeded', async () => {
    const view = await harness.run(
      { many: many([1, 2, 3]), next: { inputs: { after: { all: 'many.done' } } } },
      async (job) => {
        if (job.params['steps'] === 2)
          throw failWith('NonFiniteLoss', 'The loss is NaN.', { where: 'step 3' });
        return compute(job);
      },
    );
    expect(view.status).toBe('failed');
    expect(view.stages['next']?.state).toBe('skipped');
    expect(view.stages['many']).toMatchObject({
      state: 'failed',
      error: {
        code: 'ElementsFailed',
        message: '1 of 3 elements failed.',
        expected: 'at least 3 that succeed',
        actual: '2 succeeded\nelement 1, 2: NonFiniteLoss: The loss is NaN. (step 3)',
      },
    });
    expect([...resultsOf(harness.elements, elementsOf(view).record).keys()]).toEqual([0, 2]);
  });

  it('regression for flyteorg/flyte#3925: repeated, computes only the elements that failed or are new', async () => {
    const stage = many([1, 2, 3]);
    const before = await harness.run({ many: stage }, async (job) => {
      if (job.params['steps'] === 2) throw failWith('NonFiniteLoss', 'The loss is NaN.');
      return compute(job);
    });
    const { record } = elementsOf(before);
    if (record) harness.elements.earlier.set(`${before.runId}/many`, record);
    computed = [];
    const rerunOf = { runId: before.runId, keep: [] };
    const longer = { ...stage, forEach: { ...stage.forEach, items: [9, 1, 2, 3] } };
    const after = await harness.run({ many: longer }, compute, { rerunOf });
    expect(after.status).toBe('succeeded');
    expect(computed.map(({ params }) => params['steps']).sort()).toEqual([2, 9]);
    expect(elementsOf(after)).toMatchObject({ total: 4, succeeded: 4, found: 2 });
  });

  it('finds elements that other runs computed, one by one', async () => {
    const stage = many([1, 2, 3], { cache: true });
    await harness.run({ many: stage }, compute);
    computed = [];
    const longer = { ...stage, forEach: { ...stage.forEach, items: [3, 4, 2, 1] } };
    const view = await harness.run({ many: longer }, compute);
    expect(computed.map(({ params }) => params['steps'])).toEqual([4]);
    expect(elementsOf(view)).toMatchObject({ total: 4, succeeded: 4, found: 3 });
  });

  it('computes equal elements once when they are to draw the same numbers', async () => {
    const view = await harness.run({ many: many([7, 7, 7], { cache: true }, { sameSeed: true }) }, compute);
    expect(view.status).toBe('succeeded');
    expect(computed).toHaveLength(1);
  });

  it('regression for dagster-io/dagster#15013: hands a cancellation down to all of its elements, and tells how they stand', async () => {
    let cancelled = 0;
    const handle = await harness.submit({ many: many([0, 1, 2, 3]) }, async (job) => {
      computed.push(job);
      if (job.params['steps'] === 0) return stageResult(job);
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), 50);
      return context.cancelled
        .catch((error: unknown) => {
          cancelled += 1;
          throw error;
        })
        .finally(() => clearInterval(timer));
    });
    while (computed.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    const { runId } = await handle.view();
    let seen = await ask(runId);
    while (seen.succeeded < 1) seen = await ask(runId);
    expect(seen).toMatchObject({ total: 4, succeeded: 1, running: 3 });
    await handle.cancel();
    const view = await handle.result();
    expect(view.status).toBe('cancelled');
    expect(cancelled).toBe(3);
    expect(elementsOf(view)).toMatchObject({ succeeded: 1, cancelled: 3 });
    expect([...resultsOf(harness.elements, elementsOf(view).record).keys()]).toEqual([0]);
  });
});

describe('a pipeline that is made many', () => {
  const study = (forEach: object) => {
    const stage = (more: object) => ({
      kind: 'noop',
      pool: harness.pool,
      seed: (seeds += 1),
      retry: once,
      ...more,
    });
    return {
      kind: 'pipeline',
      pipeline: {
        parameters: { steps: { type: 'integer', default: 1 } },
        outputs: { done: 'judge.done' },
        stages: {
          train: stage({ params: { steps: '${parameters.steps}' } }),
          judge: stage({ inputs: { after: { mine: 'train.done' } } }),
        },
      },
      forEach: { items: [5, 3, 4], params: { steps: 'item' }, ...forEach },
    };
  };
  const labelsOf = ({ inputs }: StageJob) =>
    Object.entries(inputs['after'] ?? {}).map(([label, { uri }]: [string, { uri: string }]) => [
      label,
      uri.split('/').slice(-2).join('/'),
    ]);

  it('runs every stage once for each item, which reads what the one before gave for the same item', async () => {
    const view = await harness.run(
      { many: study({}), next: { inputs: { after: { all: 'many.done' } } } },
      compute,
    );
    expect(view.status).toBe('succeeded');
    const of = (stage: string) => computed.find((job) => job.stage === stage) as StageJob;
    expect([0, 1, 2].map((index) => of(`many/train.${index}`).params['steps'])).toEqual([5, 3, 4]);
    for (const index of [0, 1, 2])
      expect(labelsOf(of(`many/judge.${index}`))).toEqual([['mine', `many/train.${index}`]]);
    const list = view.stages['many/judge']?.outputs?.['done'];
    expect(list && harness.elements.get(list)).toMatchObject({ elements: [{ index: 0 }, { index: 1 }, {}] });
    expect(of('next').inputs).toEqual({ after: { all: list } });
  });

  it('counts an item that failed in any of its stages once, against the ratio of all items', async () => {
    const failing = (steps: readonly number[]) => async (job: StageJob) => {
      const [stage, index] = job.stage.split('.');
      if (stage === 'many/train' && steps.includes(Number(job.params['steps'])))
        throw failWith('NonFiniteLoss', 'The loss is NaN.');
      if (stage === 'many/judge' && index === '0') throw failWith('NonFiniteLoss', 'The loss is NaN.');
      return compute(job);
    };
    const enough = await harness.run({ many: study({ minSuccessRatio: 0.3 }) }, failing([3]));
    expect(enough.status).toBe('succeeded');
    expect(computed.map(({ stage }) => stage).sort()).toEqual([
      'many/judge.2',
      'many/train.0',
      'many/train.2',
    ]);
    const few = await harness.run({ many: study({ minSuccessRatio: 0.6 }) }, failing([3]));
    expect(few.stages['many/train']?.state).toBe('succeeded');
    expect(few.stages['many/judge']?.error).toMatchObject({
      expected: 'at least 2 that succeed',
      actual: expect.stringContaining('1 had no input'),
    });
  });
});

describe('work that is cut into chunks', () => {
  const judge = (change: object = {}) => {
    seeds += 1;
    const params = { batchSize: 10, chunkImages: 10, conditions: [{ kind: 'clean' }] };
    return {
      kind: 'evaluate',
      seed: seeds,
      retry: once,
      inputs: { model: 'model.model' },
      params,
      ...change,
    };
  };
  const stages = (change: object = {}) => ({
    model: { kind: 'import-model', params: { source: '/model' } },
    judge: judge(change),
  });
  const work = async (job: StageJob): Promise<StageResult> => {
    computed.push(job);
    const result = stageResult(job);
    const done = result.outputs['done'];
    if (!done) throw new Error('no output');
    if (job.kind === 'import-model')
      return { ...result, outputs: { model: { ...done, type: 'model' as const } } };
    switch (job.part?.step) {
      case 'plan':
        return { ...result, outputs: {}, summary: { total: 35, size: 10 } };
      case 'chunk':
        return { ...result, outputs: { chunk: { ...done, type: 'predictions' as const } }, summary: {} };
      default:
        return { ...result, outputs: { evaluation: done, predictions: done } };
    }
  };
  const steps = () =>
    computed.flatMap(({ part }) =>
      part?.step === 'chunk' ? [`${part.first}+${part.count}`] : (part?.step ?? []),
    );

  it('is planned, computed chunk by chunk, and merged in their order', async () => {
    const one = stages();
    const view = await harness.run(one, work);
    expect(view.status).toBe('succeeded');
    const found = steps();
    expect([found[0], found.at(-1)]).toEqual(['plan', 'merge']);
    expect(found.slice(1, -1).sort()).toEqual(['0+10', '10+10', '20+10', '30+5']);
    const { part } = computed.at(-1) as StageJob;
    const list =
      part?.step === 'merge' ? (harness.elements.get(part.chunks) as { elements: unknown[] }) : undefined;
    expect(list?.elements).toMatchObject(
      [0, 1, 2, 3].map((index) => ({ index, artifact: { type: 'predictions' } })),
    );
    expect(elementsOf(view, 'judge')).toMatchObject({ total: 4, succeeded: 4 });
    computed = [];
    const again = await harness.run(one, work);
    expect(again.stages['judge']?.cache?.outcome).toBe('hit');
    expect(steps()).toEqual([]);
  });

  it('is computed anew only in the chunks that were lost, when it failed half-way or is repeated', async () => {
    const one = stages();
    const broken = await harness.run(one, async (job) => {
      if (job.part?.step === 'chunk' && job.part.first === 20) throw failWith('NonFiniteLoss', 'NaN.');
      return work(job);
    });
    expect(broken.stages['judge']?.error).toMatchObject({
      code: 'ElementsFailed',
      message: '1 of 4 elements failed.',
    });
    computed = [];
    const view = await harness.run(one, work);
    expect(view.status).toBe('succeeded');
    expect(steps()).toEqual(['plan', '20+10', 'merge']);
    expect(elementsOf(view, 'judge')).toMatchObject({ total: 4, succeeded: 4, found: 3 });
  });

  it('is cut for every element of a fan-out by itself', async () => {
    const forEach = { items: [0.1, 0.2], params: { 'conditions.0.sigma': 'item' }, sameSeed: true };
    const params = { batchSize: 10, chunkImages: 10, conditions: [{ kind: 'gaussian', sigma: 0.5 }] };
    const view = await harness.run(stages({ forEach, params }), async (job) => {
      const result = await work(job);
      const outputs = { ...result.outputs, done: Object.values(result.outputs)[0] };
      return job.part ? result : { ...result, outputs: outputs as never };
    });
    expect(view.status).toBe('succeeded');
    expect(
      computed
        .filter(({ part }) => part?.step === 'chunk')
        .map(({ stage }) => stage)
        .sort(),
    ).toEqual([0, 1].flatMap((element) => [0, 1, 2, 3].map((chunk) => `judge.${element}.${chunk}`)));
  });
});

/** Enough for several histories. Ten thousand take two minutes: `VITRINE_TEST_ELEMENTS=10000`. */
const MANY = Number(process.env['VITRINE_TEST_ELEMENTS'] ?? 2500);

describe('thousands of elements', () => {
  it('are survived: histories stay short, views and payloads small', { timeout: 400_000 }, async () => {
    const items = [...Array(MANY).keys()];
    const handle = await harness.submit(
      {
        list: {},
        many: many([], {}, { items: undefined, over: 'list.done', minSuccessRatio: 0.9, maxParallel: 100 }),
      },
      async (job) => {
        const result = stageResult(job);
        if (job.stage === 'list')
          return { ...result, outputs: { done: harness.elements.put('document', items) } };
        if (Number(job.params['steps']) % 100 === 7) throw failWith('NonFiniteLoss', 'The loss is NaN.');
        return result;
      },
    );
    const view = await handle.result();
    const failed = MANY / 100;
    expect(view.status).toBe('succeeded');
    expect(elementsOf(view)).toMatchObject({ total: MANY, succeeded: MANY - failed, failed, running: 0 });
    expect(elementsOf(view).failures).toHaveLength(20);
    expect(JSON.stringify(view).length).toBeLessThan(20_000);
    expect(await eventsOf(handle.workflow)).toBeLessThan(100);
    const last = harness.client.workflow.getHandle(elementsWorkflowId('default', view.runId, 'many'));
    expect(await eventsOf(last)).toBeLessThan(10_000);
    expect(resultsOf(harness.elements, elementsOf(view).record).size).toBe(MANY - failed);
  });
});
