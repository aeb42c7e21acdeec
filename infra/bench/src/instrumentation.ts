/** What measuring costs: of a training step, of the dispatch of a stage, and of a look at a worker. */
import { LocalStack } from '@vitrine/e2e';
import { createMetrics, measure, MetricBuffer, metricSampleSchema, replay } from '@vitrine/metrics';
import type { BenchOptions } from './bench.js';
import { stageSeconds } from './dispatch.js';
import { figure, quantile, spreadOf, type Figure } from './figure.js';
import { Player } from './player.js';
import { sidesOf } from './sides.js';
import { VitEntrants } from './vit-entrants.js';

const COMPARISON = { task: 'train', model: 'quick', batch: 64 } as const;
const PAIRS = { quick: 100, whole: 400 } as const;
const WARM_UP_STEPS = 20;
/** Repetitions of what takes microseconds. */
const REPETITIONS = 20_000;
const STAGES_PER_ROUND = 5;
const ROUNDS = 4;
const LOOKS = 50;
const SHARE = 0.01;
const LOOK_SECONDS = 0.05;

const labels = { project: 'bench', pool: 'default', kind: 'train' };

export async function* instrumentation(options: BenchOptions): AsyncGenerator<Figure> {
  yield* stepFigures(options);
  yield* stackFigures(options);
}

/** What a stage's process measures of a step, as `Stepper.learned` does. */
function measureStep(buffer: MetricBuffer): void {
  measure(buffer, { name: 'vitrine_training_data_wait_seconds_total', labels }, 0.001);
  measure(buffer, { name: 'vitrine_training_step_seconds', labels }, 0.02);
  measure(buffer, { name: 'vitrine_training_samples_total', labels }, 64);
  measure(buffer, { name: 'vitrine_training_loss', labels }, 1.5);
  measure(buffer, { name: 'vitrine_training_learning_rate', labels }, 0.001);
  measure(buffer, { name: 'vitrine_training_gradient_norm', labels }, 0.7);
}

/** What a worker measures of an attempt, with the answers about its result: two dozen values. */
function measureAttempt(metrics: ReturnType<typeof createMetrics>): void {
  for (let index = 0; index < 12; index += 1) {
    metrics.observe({ name: 'vitrine_stage_dispatch_seconds', labels }, 0.3);
    metrics.inc({ name: 'vitrine_device_seconds_total', labels });
  }
}

/** Handed over as often as at one look a second: the worst case, each step by itself, is what is counted. */
function handOver(buffer: MetricBuffer, metrics: ReturnType<typeof createMetrics>): void {
  const sent: unknown = JSON.parse(JSON.stringify(buffer.take()));
  replay(metricSampleSchema.array().parse(sent), metrics);
}

async function* stepFigures(options: BenchOptions): AsyncGenerator<Figure> {
  const metrics = createMetrics({ processMetrics: false });
  const buffer = new MetricBuffer();
  const measured = (): void => {
    measureStep(buffer);
    handOver(buffer, metrics);
  };
  const cost = secondsOf(measured);
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    const { device, threads, execution, quick } = options;
    const how = {
      name: 'ours',
      place: { device, threads, execution },
      inputs: await entrants.inputsOf(COMPARISON),
    };
    const entrant = entrants.ours(COMPARISON, how);
    const player = new Player(entrant.name, entrant.program);
    try {
      await player.prepare(entrant.case);
      await player.round(WARM_UP_STEPS);
      const seconds = { on: [] as number[], off: [] as number[] };
      for (let pair = 0; pair < (quick ? PAIRS.quick : PAIRS.whole); pair += 1)
        // By turns which is first: what else happens on the machine falls on both.
        for (const side of pair % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
          const began = performance.now();
          await player.round(1);
          if (side === 'on') measured();
          seconds[side].push((performance.now() - began) / 1000);
        }
      // The quick half: what others do on the machine only ever adds.
      const [on, off] = [quantile(seconds.on, 0.25), quantile(seconds.off, 0.25)];
      yield compared('instrumentation.step.on-off', [on, off], spreadOf(seconds.off));
      yield share('instrumentation.step.share', cost, off);
    } finally {
      await player.end();
    }
  });
}

async function* stackFigures({ say }: BenchOptions): AsyncGenerator<Figure> {
  const off = await LocalStack.up();
  const on = await LocalStack.up({
    config: 'monitoring: { scrapeSeconds: 1 }\n',
    flags: ['--monitoring'],
  }).catch(async (error: unknown) => {
    await off.destroy();
    throw error;
  });
  try {
    for (const stack of [off, on]) await stageSeconds(stack, 3);
    const seconds = { on: [] as number[], off: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      say(`dispatch: round ${round + 1} of ${ROUNDS}`);
      seconds.off.push(...(await stageSeconds(off, STAGES_PER_ROUND)));
      seconds.on.push(...(await stageSeconds(on, STAGES_PER_ROUND)));
    }
    const [scraped, alone] = [quantile(seconds.on, 0.25), quantile(seconds.off, 0.25)];
    yield compared('instrumentation.dispatch.on-off', [scraped, alone], spreadOf(seconds.off));
    const metrics = createMetrics({ processMetrics: false });
    yield share(
      'instrumentation.dispatch.share',
      secondsOf(() => measureAttempt(metrics)),
      alone,
    );
    yield* lookFigures(on);
  } finally {
    await on.destroy();
    await off.destroy();
  }
}

async function* lookFigures(stack: LocalStack): AsyncGenerator<Figure> {
  const [worker] = (await stack.stackFile()).workers;
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const began = performance.now();
    await (await fetch(worker?.metricsUrl ?? '')).text();
    looks.push((performance.now() - began) / 1000);
  }
  for (const q of [0.5, 0.95])
    yield figure(`instrumentation.scrape.p${q * 100}`, quantile(looks, q) * 1000, {
      unit: 'ms',
      spread: spreadOf(looks) * 1000,
      bar: `below ${LOOK_SECONDS * 1000} ms`,
      holds: quantile(looks, q) < LOOK_SECONDS,
    });
}

function compared(name: string, [on, off]: readonly [number, number], spread: number): Figure {
  return figure(name, on * 1000, {
    unit: 'ms',
    spread: spread * 1000,
    peer: off * 1000,
    ratio: on / off,
    bar: `at most ${1 + SHARE} times what it takes unmeasured`,
    holds: on / off <= 1 + SHARE,
  });
}

function share(name: string, cost: number, whole: number): Figure {
  return figure(name, cost * 1e6, {
    unit: 'us',
    spread: 0,
    peer: whole * 1e6,
    ratio: cost / whole,
    bar: `below ${SHARE * 100} % of it`,
    holds: cost / whole < SHARE,
  });
}

function secondsOf(work: () => void): number {
  for (let index = 0; index < REPETITIONS / 10; index += 1) work();
  const began = performance.now();
  for (let index = 0; index < REPETITIONS; index += 1) work();
  return (performance.now() - began) / 1000 / REPETITIONS;
}
