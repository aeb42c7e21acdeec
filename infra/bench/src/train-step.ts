/** Training steps, forward passes, attacks and noise synthesis beside PyTorch, on equal work. */
import type { BenchOptions } from './bench.js';
import {
  atLeast,
  atMost,
  compareMemory,
  compareProcessorRates,
  compareRates,
  median,
  notMeasured,
  type Bar,
} from './compare.js';
import { contest, type Outcome } from './contest.js';
import { figure, type Figure } from './figure.js';
import { taskFlops } from './flops.js';
import { availableMemory, hasBfloat16 } from './machine.js';
import { sidesOf, type Place } from './sides.js';
import { nameOf, planOf, type Comparison, type Plan } from './train-step-plan.js';
import { MODELS } from './vit-case.js';
import { matrixProductFlops, VitEntrants } from './vit-entrants.js';

const EAGER_BAR = atLeast(1.2);
const COMPILE_BAR = atLeast(1.05);
const BFLOAT16_BAR = atLeast(1.5);
const MEMORY_BAR = atMost(0.8);
/** Of the machine's matrix products: who reaches it need not be faster than another who does. */
const PEAK_SHARE = 0.9;

const OURS = 'ours';
const EAGER = 'PyTorch eager';
const COMPILE = 'torch.compile';

export async function* trainStep(options: BenchOptions): AsyncGenerator<Figure> {
  const plan = planOf(options.quick);
  const wanted = (comparisons: readonly Comparison[], kind: string): readonly Comparison[] =>
    comparisons.filter((each) => `${kind}.${nameOf(each)}`.includes(options.only));
  const sides = await sidesOf('vit');
  yield* VitEntrants.within(sides, async function* (entrants) {
    const { device, threads, execution } = options;
    const context = { entrants, plan, options, place: { device, threads, execution } };
    for (const comparison of wanted(plan.judged, 'judged')) {
      options.say(`${nameOf(comparison)}: beside PyTorch`);
      yield* judge(comparison, context);
      yield* judgeBfloat16(comparison, context);
    }
    for (const comparison of wanted(plan.scaling, 'scaling')) yield* scale(comparison, context);
    yield* fillTable(wanted(plan.table, 'table'), context);
  });
}

interface Context {
  readonly entrants: VitEntrants;
  readonly plan: Plan;
  readonly options: BenchOptions;
  readonly place: Place;
}

/** An outcome by its entrant's name. */
function of(outcomes: ReadonlyMap<string, Outcome>, name: string): Outcome {
  const outcome = outcomes.get(name);
  if (outcome === undefined) throw new Error(`expected an outcome of ${name}`);
  return outcome;
}

const orPeak = (bar: Bar, peakShare: number): Bar => ({
  says: `${bar.says}, or ${PEAK_SHARE * 100} % of the machine's matrix products`,
  holds: (ratio) => bar.holds(ratio) || peakShare >= PEAK_SHARE,
});

async function* judge(comparison: Comparison, { entrants, plan, place }: Context): AsyncGenerator<Figure> {
  const name = `${nameOf(comparison)}.float32`;
  const how = { place, inputs: await entrants.inputsOf(comparison) };
  const products = entrants.matrixProducts(place);
  const outcomes = await contest(
    [
      entrants.ours(comparison, { ...how, name: OURS }),
      entrants.torch(comparison, { ...how, name: EAGER }),
      entrants.torch(comparison, { ...how, name: COMPILE, compiled: true }),
      ...products,
    ],
    plan.rounds,
  );
  const ours = of(outcomes, OURS);
  const eager = of(outcomes, EAGER);
  const gigaflop = (comparison.batch * taskFlops(comparison.task, MODELS[comparison.model])) / 1e9;
  const peak = Math.max(
    ...products.map(
      (entrant) => matrixProductFlops(place) / 1e9 / median(of(outcomes, entrant.name).seconds),
    ),
  );
  const reached = gigaflop / median(ours.seconds);
  const images = { work: comparison.batch, unit: 'images/s' };
  const share = reached / peak;
  yield compareRates(`${name}.eager`, [ours, eager], { ...images, bar: orPeak(EAGER_BAR, share) });
  yield compareRates(`${name}.compile`, [ours, of(outcomes, COMPILE)], {
    ...images,
    bar: orPeak(COMPILE_BAR, share),
  });
  if (place.device === 'cpu') {
    yield compareProcessorRates(`${name}.eager.processor`, [ours, eager], images);
    yield compareProcessorRates(`${name}.compile.processor`, [ours, of(outcomes, COMPILE)], images);
  }
  yield figure(`${name}.peak`, reached, { unit: 'GFLOP/s', spread: 0, peer: peak, ratio: share });
  yield compareMemory(`${name}.memory`, [ours, eager], MEMORY_BAR);
}

async function* judgeBfloat16(
  comparison: Comparison,
  { entrants, plan, place }: Context,
): AsyncGenerator<Figure> {
  const name = `${nameOf(comparison)}.bfloat16.autocast`;
  if (!hasBfloat16(place.device)) {
    yield notMeasured(name, 'not applicable: the processor multiplies no bfloat16');
    return;
  }
  const how = { place, inputs: await entrants.inputsOf(comparison), precision: 'bfloat16' } as const;
  const outcomes = await contest(
    [entrants.ours(comparison, { ...how, name: OURS }), entrants.torch(comparison, { ...how, name: EAGER })],
    plan.rounds,
  );
  yield compareRates(name, [of(outcomes, OURS), of(outcomes, EAGER)], {
    work: comparison.batch,
    unit: 'images/s',
    bar: BFLOAT16_BAR,
  });
}

/** How much faster two threads are than one, on both sides. */
async function* scale(
  comparison: Comparison,
  { entrants, plan, options, place }: Context,
): AsyncGenerator<Figure> {
  const name = `${nameOf(comparison)}.float32.two-threads`;
  options.say(`${name}: from one thread to two`);
  const inputs = await entrants.inputsOf(comparison);
  const outcomes = await contest(
    [1, 2].flatMap((threads) => {
      const how = { place: { ...place, threads }, inputs };
      return [
        entrants.ours(comparison, { ...how, name: `${OURS} ${threads}` }),
        entrants.torch(comparison, { ...how, name: `${EAGER} ${threads}` }),
      ];
    }),
    plan.rounds,
  );
  const gain = (side: string): number =>
    median(of(outcomes, `${side} 1`).seconds) / median(of(outcomes, `${side} 2`).seconds);
  const [value, peer] = [gain(OURS), gain(EAGER)];
  yield figure(name, value, { unit: 'times as fast as one thread', spread: 0, peer, ratio: value / peer });
}

/** Training over sizes and batches. A cell that twice its smaller neighbour's memory or time would not fit is left out. */
async function* fillTable(
  cells: readonly Comparison[],
  { entrants, plan, options, place }: Context,
): AsyncGenerator<Figure> {
  let last: { readonly model: string; readonly bytes: number; readonly seconds: number } | undefined;
  for (const comparison of cells) {
    const name = `${nameOf(comparison)}.float32`;
    const same = last?.model === comparison.model ? last : undefined;
    if (same !== undefined && 2 * same.bytes > (await availableMemory(place.device))) {
      yield notMeasured(`${name}.table`, 'left out: the machine has too little memory');
      continue;
    }
    if (same !== undefined && 2 * same.seconds > plan.cellSeconds) {
      yield notMeasured(`${name}.table`, `left out: takes over ${plan.cellSeconds} s`);
      continue;
    }
    options.say(`${name}: a cell of the table`);
    const how = { place, inputs: await entrants.inputsOf(comparison) };
    const started = performance.now();
    const outcomes = await contest(
      [
        entrants.ours(comparison, { ...how, name: OURS }),
        entrants.torch(comparison, { ...how, name: EAGER }),
      ],
      plan.rounds,
    );
    const [ours, eager] = [of(outcomes, OURS), of(outcomes, EAGER)];
    last = {
      model: comparison.model,
      bytes: (ours.peakMemory ?? 0) + (eager.peakMemory ?? 0),
      seconds: (performance.now() - started) / 1000,
    };
    yield compareRates(`${name}.table`, [ours, eager], { work: comparison.batch, unit: 'images/s' });
    yield compareMemory(`${name}.table-memory`, [ours, eager]);
  }
}
