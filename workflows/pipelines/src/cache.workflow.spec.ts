import { Context } from '@temporalio/activity';
import type { RunView, StageJob } from '@vitrine/contracts';
import { flightWorkflowId, stageWorkflowId } from '@vitrine/contracts/names';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
let computed: StageJob[];
/** Stages of these runs do not end before they are let go. */
let gates: Map<string, () => void>;

beforeAll(async () => {
  // One device, so that a stage which waits in its slot would be waited for without end.
  harness = await PipelineHarness.start(inject('temporal'), await bundle(), 1);
});
afterAll(() => harness.stop());
beforeEach(() => {
  computed = [];
  gates = new Map();
});

const compute = async (job: StageJob) => {
  computed.push(job);
  return stageResult(job);
};

/** Computes until the test opens the gate of the run, or the run is cancelled. */
const computeAtGate = async (job: StageJob) => {
  computed.push(job);
  const { cancelled, heartbeat } = Context.current();
  const timer = setInterval(heartbeat, 50);
  try {
    await Promise.race([new Promise<void>((open) => gates.set(job.runId, open)), cancelled]);
  } finally {
    clearInterval(timer);
  }
  return stageResult(job);
};

let seeds = 0;
/** A stage whose key no other test has. */
const keyed = (change: object = {}) => ({ cache: true, seed: (seeds += 1), ...change });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

type Handle = Awaited<ReturnType<PipelineHarness['submit']>>;
const stageOf = (handle: Handle) => harness.client.workflow.getHandle(`${handle.workflowId}/only`);

/** Until the stage of a run has told a flight that it waits. */
async function untilJoined(handle: Handle): Promise<void> {
  await until(async () => {
    const { events } = await stageOf(handle)
      .fetchHistory()
      .catch(() => ({ events: [] }));
    return (events ?? []).some((event) => event.externalWorkflowExecutionSignaledEventAttributes);
  });
}

const outcomes = (view: RunView) =>
  Object.fromEntries(Object.entries(view.stages).map(([name, { cache }]) => [name, cache?.outcome]));

describe('a stage whose result is known', () => {
  it('is not computed: a second identical run computes nothing, and says where each result is from', async () => {
    const stages = { first: keyed(), second: keyed({ inputs: { after: { first: 'first.done' } } }) };
    const before = await harness.run(stages, compute);
    expect(outcomes(before)).toEqual({ first: 'miss', second: 'miss' });
    expect(before.stages['first']?.cache).toMatchObject({
      reason: 'there is no entry',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    computed = [];
    const after = await harness.run(stages, compute);
    expect(computed).toEqual([]);
    expect(outcomes(after)).toEqual({ first: 'hit', second: 'hit' });
    expect(after.stages['first']?.cache?.from).toEqual({ runId: before.runId, stage: 'first' });
    expect(after.stages['second']?.outputs).toEqual(before.stages['second']?.outputs);
  });

  it('is found whatever its name, and while all devices of its pool are busy', async () => {
    const stage = keyed();
    await harness.run({ one: stage }, compute);
    const busy = await harness.submit({ only: {} }, computeAtGate);
    await until(() => gates.size === 1);
    expect(outcomes(await harness.run({ other: stage }))).toEqual({ other: 'hit' });
    [...gates.values()].forEach((open) => open());
    await busy.result();
  });

  it('is computed anew when its parameters, its seed or its inputs are others', async () => {
    const stage = keyed();
    await harness.run({ only: stage }, compute);
    computed = [];
    await harness.run({ only: { ...stage, params: { steps: 3 } } }, compute);
    await harness.run({ only: { ...stage, seed: 4_000_000_000 } }, compute);
    expect(computed).toHaveLength(2);
  });

  it('is computed anew when the run, the pipeline or the one who starts it says so', async () => {
    const stage = keyed();
    await harness.run({ only: stage }, compute);
    computed = [];
    expect(outcomes(await harness.run({ only: stage }, compute, { cache: false }))).toEqual({
      only: undefined,
    });
    expect(outcomes(await harness.run({ only: { ...stage, cache: false } }, compute))).toEqual({
      only: undefined,
    });
    expect(computed).toHaveLength(2);
  });

  it('regression for kubeflow/pipelines#4446: one succeeded stage can be computed anew, and is what others find then', async () => {
    const stages = { first: keyed(), second: keyed() };
    await harness.run(stages, compute);
    computed = [];
    const forced = await harness.run(stages, compute, { force: ['second'] });
    expect(outcomes(forced)).toEqual({ first: 'hit', second: 'forced' });
    expect(computed.map(({ stage }) => stage)).toEqual(['second']);
    const after = await harness.run(stages, compute);
    expect(after.stages['second']?.cache?.from).toEqual({ runId: forced.runId, stage: 'second' });
  });

  it('of a run that is repeated is taken over, whatever the cache knows, when it is whole', async () => {
    const stages = { first: keyed({ cache: false }), second: keyed({ cache: false }) };
    harness.cache.earlier.set('run-before/first', stageResult({ runId: 'run-before' } as StageJob));
    const rerunOf = { runId: 'run-before', keep: ['first', 'second'] };
    const view = await harness.run(stages, compute, { rerunOf });
    expect(view.rerunOf).toBe('run-before');
    expect(view.stages['first']?.cache).toEqual({
      outcome: 'kept',
      from: { runId: 'run-before', stage: 'first' },
    });
    expect(computed.map(({ stage }) => stage)).toEqual(['second']);
  });
});

describe('two runs that want the same key at the same time', () => {
  it('compute it once, and the one that waits holds no device', async () => {
    const stage = keyed();
    const one = await harness.submit({ only: stage }, computeAtGate);
    await until(() => gates.size === 1);
    const others = await Promise.all([1, 2, 3].map(() => harness.submit({ only: stage })));
    for (const other of others) await untilJoined(other);
    [...gates.values()].forEach((open) => open());
    const first = await one.result();
    expect(outcomes(first)).toEqual({ only: 'miss' });
    for (const other of others) {
      const view = await other.result();
      expect(view.stages['only']?.cache).toMatchObject({
        outcome: 'shared',
        from: { runId: first.runId, stage: 'only' },
      });
    }
    expect(computed).toHaveLength(1);
  });

  it('compute it once also in different pools, on different workers', async () => {
    const elsewhere = await PipelineHarness.start(inject('temporal'), await bundle());
    try {
      const stage = keyed();
      const one = await harness.submit({ only: stage }, computeAtGate);
      await until(() => gates.size === 1);
      const other = await elsewhere.submit({ only: stage }, compute);
      await untilJoined(other);
      [...gates.values()].forEach((open) => open());
      const { runId } = await one.result();
      expect((await other.result()).stages['only']?.cache).toMatchObject({
        outcome: 'shared',
        from: { runId, stage: 'only' },
      });
      expect(computed).toHaveLength(1);
    } finally {
      await elsewhere.stop();
    }
  });

  it('go on when the one that computes is cancelled: the next one takes over', async () => {
    const stage = keyed();
    const one = await harness.submit({ only: stage }, computeAtGate);
    await until(() => gates.size === 1);
    const other = await harness.submit({ only: stage });
    await untilJoined(other);
    await one.cancel();
    expect((await one.result()).status).toBe('cancelled');
    await until(() => gates.size === 2);
    [...gates.values()].forEach((open) => open());
    expect(outcomes(await other.result())).toEqual({ only: 'miss' });
    expect(computed).toHaveLength(2);
  });

  it('go on when the one that computes fails: the next one tries by its own budget', async () => {
    const stage = keyed({ retry: { own: 0, infrastructure: 0 } });
    const one = await harness.submit({ only: stage }, async (job) => {
      const result = await computeAtGate(job);
      if (computed.length === 1) throw failWith('NonFiniteLoss', 'The loss is NaN.');
      return result;
    });
    await until(() => gates.size === 1);
    const other = await harness.submit({ only: stage });
    await untilJoined(other);
    [...gates.values()].forEach((open) => open());
    expect((await one.result()).stages['only']?.error?.code).toBe('NonFiniteLoss');
    await until(() => gates.size === 2);
    [...gates.values()].forEach((open) => open());
    expect((await other.result()).status).toBe('succeeded');
  });

  it(
    'go on within seconds when the computation is terminated and tells nobody, however long they have waited',
    { timeout: 90_000 },
    async () => {
      const stage = keyed();
      const one = await harness.submit({ only: stage }, computeAtGate);
      await until(() => gates.size === 1);
      const other = await harness.submit({ only: stage });
      await untilJoined(other);
      const [job] = computed as [StageJob];
      const flight = harness.client.workflow.getHandle(flightWorkflowId('default', harness.cache.keyOf(job)));
      await flight.terminate('a test');
      expect((await one.result()).status).toBe('cancelled');
      await until(() => gates.size === 2);
      [...gates.values()].forEach((open) => open());
      expect(outcomes(await other.result())).toEqual({ only: 'miss' });
      // Both under the key of the result, so that the second finds the last checkpoint of the first.
      expect(computed.map(({ key }) => key)).toEqual([harness.cache.keyOf(job), harness.cache.keyOf(job)]);
    },
  );

  it('leave nothing behind when the one that waits is cancelled', async () => {
    const stage = keyed();
    const one = await harness.submit({ only: stage }, computeAtGate);
    await until(() => gates.size === 1);
    const other = await harness.submit({ only: stage });
    await untilJoined(other);
    await other.cancel();
    const cancelled = await other.result();
    expect(cancelled.status).toBe('cancelled');
    [...gates.values()].forEach((open) => open());
    expect((await one.result()).status).toBe('succeeded');
    const { runId } = cancelled;
    const waiter = harness.client.workflow.getHandle(stageWorkflowId('default', runId, 'only'));
    expect((await waiter.describe()).status.name).toBe('CANCELLED');
  });

  it('compute it once when one has looked before the other was done, and starts after', async () => {
    const stage = keyed();
    const [one, other] = await Promise.all([
      harness.submit({ only: stage }, compute),
      harness.submit({ only: stage }, compute),
    ]);
    await Promise.all([one.result(), other.result()]);
    expect(computed).toHaveLength(1);
  });
});

describe('a plan', () => {
  it('tells what would be found, what would be computed and why, and computes nothing', async () => {
    const known = keyed();
    const before = await harness.run({ known }, compute);
    computed = [];
    const after = (stage: string) => keyed({ inputs: { after: { [stage]: `${stage}.done` } } });
    const handle = await harness.plan(
      {
        known,
        next: after('known'),
        last: after('next'),
        plain: [],
        anew: known,
        nowhere: keyed({ pool: 'nobody-works-here' }),
      },
      { force: ['anew'] },
    );
    expect(await handle.result()).toEqual({
      known: {
        outcome: 'found',
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        from: { runId: before.runId, stage: 'known' },
      },
      next: { outcome: 'computed', key: expect.anything(), reason: 'there is no entry' },
      last: { outcome: 'open', reason: 'it depends on what next gives' },
      plain: { outcome: 'computed', reason: 'its results are not kept' },
      anew: { outcome: 'computed', reason: 'it is to be computed anew' },
      nowhere: { outcome: 'computed', reason: 'no worker of pool nobody-works-here could say' },
    });
    expect(computed).toEqual([]);
  });
});
