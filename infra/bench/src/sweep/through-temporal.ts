import type { SweepWorkflow } from '@vitrine/contracts';
import { sweepWorkflowId } from '@vitrine/contracts/names';
import { LocalStack } from '@vitrine/e2e';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { BareTemporal } from '../bare/bare-temporal.js';
import type { BenchOptions } from '../bench.js';
import { figure, type Figure } from '../figure.js';
import { rayTune } from './beside-ray.js';
import { submitSweep } from './run-sweep.js';

/** Trials that run at a time, here and beside it. */
const AT_A_TIME = 16;
/** As many as wait for a device. */
const CONFIG = `pools: { default: { slots: ${AT_A_TIME}, threads: 1 } }`;
const WARM_UP = 64;
const RAY_QUICK = 200;
/** Ray Tune publishes 9 ms for a trial. */
const MOST_MILLISECONDS = 5;
/** From here on the server warns of a history. */
const MOST_EVENTS = 10_240;

/**
 * Trials that do nothing through the product itself, with its API, its store and its log, and as many child workflows and activities of
 * Temporal alone before and after them, on the same server: what is left of the difference is ours. Then as many through Ray Tune.
 */
export async function* throughTemporal({ quick, only, say }: BenchOptions): AsyncGenerator<Figure> {
  const trials = quick ? 1000 : 10_000;
  let milliseconds = Number.NaN;
  const stack = await LocalStack.up({ config: CONFIG });
  try {
    const { temporal } = await stack.stackFile();
    if (!temporal) throw new Error('the stack has no Temporal server of its own');
    const bare = await BareTemporal.start({ address: temporal.address, namespace: 'default' }, AT_A_TIME);
    try {
      say('the first trials fill caches');
      await bare.sweep(WARM_UP, AT_A_TIME);
      await throughProduct(stack, bare.client, WARM_UP);
      say(`${trials / 2} trials of Temporal alone`);
      const before = await bare.sweep(trials / 2, AT_A_TIME);
      say(`${trials} trials through a sweep`);
      const ours = await throughProduct(stack, bare.client, trials);
      say(`${trials / 2} trials of Temporal alone`);
      const after = await bare.sweep(trials / 2, AT_A_TIME);
      const own = (ours.seconds * 1000) / trials;
      yield* timeFigures(own, (before * 2000) / trials, (after * 2000) / trials);
      const { largest, drained, histories } = ours;
      yield figure('sweep.temporal.history', largest, {
        unit: 'events',
        spread: 0,
        bar: `at most ${MOST_EVENTS} in each of ${histories}, none with a trial left under way`,
        holds: largest <= MOST_EVENTS && drained,
      });
      milliseconds = own;
    } finally {
      await bare.stop();
    }
  } finally {
    await stack.destroy();
  }
  if (!'ray'.includes(only)) return;
  say('as many through Ray Tune');
  const peer = await rayTune(quick ? RAY_QUICK : trials, AT_A_TIME);
  yield figure('sweep.ray.trial', milliseconds, { unit: 'ms', spread: 0, peer, ratio: milliseconds / peer });
}

/** All in milliseconds of a trial. */
function* timeFigures(own: number, before: number, after: number): Generator<Figure> {
  const floor = (before + after) / 2;
  // Of the floor: how far its halves are apart.
  const spread = Math.abs(before - after) / 2;
  yield figure('sweep.temporal.trial', own, { unit: 'ms', spread, peer: floor, ratio: own / floor });
  yield figure('sweep.temporal.bookkeeping', own - floor, {
    unit: 'ms',
    spread,
    bar: `< ${MOST_MILLISECONDS} ms of a trial beyond Temporal's own`,
    holds: own - floor < MOST_MILLISECONDS,
  });
}

interface Outcome extends Histories {
  readonly seconds: number;
}

async function throughProduct(stack: LocalStack, client: Client, trials: number): Promise<Outcome> {
  const asked = performance.now();
  const { project, sweepId, ended } = await submitSweep(stack, specOf(trials));
  const id = sweepWorkflowId(project, sweepId);
  const { runId } = await client.workflow.getHandle(id).describe();
  // Asked of Temporal: to ask for views meanwhile would be a part of what is measured.
  await client.workflow.getHandle<SweepWorkflow>(id).result();
  const seconds = (performance.now() - asked) / 1000;
  const { tally } = await ended();
  if (tally.completed !== trials) throw new Error(`${tally.completed} of ${trials} trials came to their end`);
  return { seconds, ...(await historiesOf(client, id, runId)) };
}

function specOf(trials: number): unknown {
  return {
    version: 1,
    name: 'bench-trials',
    pipeline: { version: 1, name: 'bench-trial', stages: { only: { kind: 'noop', cache: false } } },
    space: { seed: { type: 'int', low: 0, high: 2 ** 30, set: 'seed' } },
    objective: { metric: 'only.steps', direction: 'minimize' },
    sampler: { kind: 'random' },
    budget: { trials },
    parallelism: AT_A_TIME,
  };
}

type WorkflowHistory = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

interface Histories {
  readonly histories: number;
  /** Events of the longest. */
  readonly largest: number;
  /** Every trial that was begun in one ended in it. */
  readonly drained: boolean;
}

async function historiesOf(client: Client, id: string, first: string): Promise<Histories> {
  let [histories, largest, drained] = [0, 0, true];
  for (let runId: string | null | undefined = first; runId;) {
    const history: WorkflowHistory = await client.workflow.getHandle(id, runId).fetchHistory();
    const list = history.events ?? [];
    const begun = list.filter((event) => event.childWorkflowExecutionStartedEventAttributes).length;
    const ended = list.filter((event) => event.childWorkflowExecutionCompletedEventAttributes).length;
    histories += 1;
    largest = Math.max(largest, list.length);
    drained &&= begun === ended;
    runId = list.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return { histories, largest, drained };
}
