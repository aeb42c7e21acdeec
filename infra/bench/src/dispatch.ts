import { LocalStack } from '@vitrine/e2e';
import { figure, quantile, spreadOf, type Figure } from './figure.js';

const STAGES = 20;
const CHECKPOINTS = 10;
const CHECKPOINT_BYTES = 32 * 2 ** 20;

/** What the orchestrator itself costs: a stage that does nothing, and a checkpoint of bytes nobody computed. */
export async function* dispatch(): AsyncGenerator<Figure> {
  const stack = await LocalStack.up();
  try {
    await stageSeconds(stack, 3); // The first stages fill caches of the operating system.
    yield* overheadFigures(await stageSeconds(stack, STAGES));
    yield* await checkpointFigures(stack);
  } finally {
    await stack.destroy();
  }
}

function overheadFigures(seconds: readonly number[]): Figure[] {
  return [
    figure('dispatch.stage.p50', quantile(seconds, 0.5), { unit: 's', spread: spreadOf(seconds) }),
    figure('dispatch.stage.p95', quantile(seconds, 0.95), { unit: 's', spread: spreadOf(seconds) }),
  ];
}

/** Seconds from handing each no-op stage to its pool to its end, in a chain where only one runs at a time. */
export async function stageSeconds(stack: LocalStack, count: number): Promise<number[]> {
  const stages: Record<string, unknown> = {};
  for (let index = 0; index < count; index += 1) {
    const inputs = index === 0 ? {} : { after: { previous: `step-${index - 1}.done` } };
    // One step, or it would be spared the process that is measured here.
    stages[`step-${index}`] = { kind: 'noop', inputs, params: { steps: 1 } };
  }
  const view = await stack.end(await stack.submit({ version: 1, name: 'bench-dispatch', stages }));
  if (view.status !== 'succeeded') throw new Error(`the run ended as ${view.status}`);
  return Object.values(view.stages).map(
    ({ queuedAt, endedAt }) => (Date.parse(endedAt ?? '') - Date.parse(queuedAt ?? '')) / 1000,
  );
}

async function checkpointFigures(stack: LocalStack): Promise<Figure[]> {
  const params = { steps: CHECKPOINTS, stepMilliseconds: 1500, checkpointBytes: CHECKPOINT_BYTES };
  const handle = await stack.submit({
    version: 1,
    name: 'bench-checkpoint',
    stages: { write: { kind: 'noop', params } },
  });
  await stack.end(handle);
  const rates: number[] = [];
  const stalls: number[] = [];
  for await (const { event } of stack.events(handle)) {
    if (event.type !== 'checkpoint') continue;
    rates.push(event.bytes / 2 ** 20 / event.seconds);
    stalls.push(event.stallSeconds * 1000);
  }
  if (rates.length === 0) throw new Error('no checkpoint was reported');
  return [
    figure('dispatch.checkpoint.throughput', quantile(rates, 0.5), {
      unit: 'MiB/s',
      spread: spreadOf(rates),
    }),
    figure('dispatch.checkpoint.stall.p50', quantile(stalls, 0.5), { unit: 'ms', spread: spreadOf(stalls) }),
    figure('dispatch.checkpoint.stall.p95', quantile(stalls, 0.95), { unit: 'ms', spread: spreadOf(stalls) }),
  ];
}
