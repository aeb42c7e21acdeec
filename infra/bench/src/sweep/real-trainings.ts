import type { SweepView } from '@vitrine/contracts';
import { LocalStack } from '@vitrine/e2e';
import type { BenchOptions } from '../bench.js';
import { figure, spreadOf, type Figure } from '../figure.js';
import { submitSweep } from './run-sweep.js';

/** Two trainings at a time with a thread each: small models use two threads badly. */
const CONFIG = 'pools: { default: { slots: 2, threads: 1, device: cpu } }';
const PARALLELISM = 2;
const SEEDS = [1, 2, 3, 4, 5];
/** Lossless test images of the sample that ships with the project. */
const TEST_IMAGES = 932;
const SHARE = 1 / 3;

const choice = (values: readonly unknown[], field: string): object => ({
  ...{ type: 'choice', values, set: `stages.train.params.${field}` },
});

interface Form {
  readonly images: number;
  readonly epochs: number;
  readonly decays: readonly number[];
}

const FORMS: Readonly<Record<'quick' | 'whole', Form>> = {
  quick: { images: 2048, epochs: 27, decays: [0.05] },
  whole: { images: 3830, epochs: 27, decays: [0.01, 0.2] },
};

interface Compared {
  readonly best: number;
  readonly gridBest: number;
  readonly standardError: number;
  readonly seconds: number;
  readonly gridSeconds: number;
}

/**
 * A grid of real trainings on the CIFAR-10 sample, and the same points under asynchronous successive halving, in projects of their own so
 * that neither finds what the other computed. Device-seconds are the product's own account, the start of each process included.
 */
export async function* asha(options: BenchOptions): AsyncGenerator<Figure> {
  const { quick, say } = options;
  const seeds = options.seeds ?? (quick ? SEEDS.slice(0, 1) : SEEDS);
  const form = quick ? FORMS.quick : FORMS.whole;
  const stack = await LocalStack.up({ config: CONFIG });
  try {
    const all: Compared[] = [];
    for (const seed of seeds) {
      say(`seed ${seed}: the grid`);
      const grid = await runSweep(stack, { ...form, seed, scheduler: { kind: 'none' } });
      say(`seed ${seed}: successive halving`);
      const halved = await runSweep(stack, { ...form, seed, scheduler: { kind: 'asha', eta: 3 } });
      const compared = compare(halved, grid);
      all.push(compared);
      yield* figures(`asha.seed-${seed}`, [compared]);
    }
    if (all.length > 1) yield* figures('asha.mean', all);
  } finally {
    await stack.destroy();
  }
}

interface Sweep extends Form {
  readonly seed: number;
  readonly scheduler: { readonly kind: 'none' } | { readonly kind: 'asha'; readonly eta: number };
}

async function runSweep(
  stack: LocalStack,
  { images, epochs, decays, seed, scheduler }: Sweep,
): Promise<SweepView> {
  const space = {
    rate: choice([3e-4, 1e-3, 3e-3, 1e-2], 'optimizer.learningRate'),
    augmentation: choice(['none', 'augreg-medium'], 'augmentation'),
    decay: choice(decays, 'optimizer.weightDecay'),
  };
  const params = {
    model: { width: 48, depth: 3, heads: 3 },
    train: { limit: images },
    test: { limit: TEST_IMAGES },
    ...{ epochs, batchSize: 64, optimizer: { warmupSteps: 16 }, checkpoint: { everySteps: 1000 } },
  };
  const trials = Object.values(space).reduce(
    (product, one) => product * (one as { values: unknown[] }).values.length,
    1,
  );
  const sweep = await submitSweep(stack, {
    ...{ version: 1, name: 'rates', project: `${scheduler.kind}-${seed}`, seed },
    pipeline: { version: 1, name: 'rates', seed, stages: { train: { kind: 'train', params } } },
    ...{ space, sampler: { kind: 'grid' }, scheduler, budget: { trials }, parallelism: PARALLELISM },
    objective: { metric: 'train.testAccuracy', direction: 'maximize' },
    ...(scheduler.kind !== 'none' && { resource: { stage: 'train', max: epochs } }),
  });
  const view = await sweep.ended();
  if (view.tally.failed > 0) throw new Error(`${view.tally.failed} trials of ${view.sweepId} failed`);
  return view;
}

function compare(halved: SweepView, grid: SweepView): Compared {
  const [best, gridBest] = [bestOf(halved), bestOf(grid)];
  return {
    best,
    gridBest,
    standardError: Math.sqrt((gridBest * (1 - gridBest)) / TEST_IMAGES),
    seconds: halved.tally.deviceSeconds,
    gridSeconds: grid.tally.deviceSeconds,
  };
}

function bestOf({ tally, sweepId }: SweepView): number {
  const value = tally.best?.reports.at(-1)?.value;
  if (typeof value !== 'number') throw new Error(`${sweepId} found no best trial`);
  return value;
}

/** Means over seeds; the spread is that over seeds. */
function* figures(name: string, compared: readonly Compared[]): Generator<Figure> {
  const of = (field: keyof Compared): number[] => compared.map((one) => one[field]);
  const mean = (field: keyof Compared): number =>
    of(field).reduce((sum, value) => sum + value, 0) / compared.length;
  const [best, gridBest, standardError] = [mean('best'), mean('gridBest'), mean('standardError')];
  yield figure(`${name}.accuracy`, best, {
    ...{ unit: 'of images', spread: spreadOf(of('best')), peer: gridBest, ratio: best / gridBest },
    bar: `at least that of the grid's best less one standard error, ${standardError.toFixed(4)}`,
    holds: best >= gridBest - standardError,
  });
  const [seconds, gridSeconds] = [mean('seconds'), mean('gridSeconds')];
  const ratio = seconds / gridSeconds;
  yield figure(`${name}.device-seconds`, seconds, {
    ...{ unit: 's', spread: spreadOf(of('seconds')), peer: gridSeconds, ratio },
    bar: "at most a third of the grid's",
    holds: ratio <= SHARE,
  });
}
