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
import { contest, type Entrant, type Outcome } from './contest.js';
import { figure, type Figure } from './figure.js';
import { taskFlops } from './flops.js';
import { availableMemory, hasBfloat16 } from './machine.js';
import { sidesOf, type Place } from './sides.js';
import { leftOut, TABLE } from './train-step-table.js';
import { nameOf, planOf, type Comparison, type Plan } from './train-step-plan.js';
import { MODELS } from './vit-case.js';
import { matrixProductFlops, VitEntrants, type How } from './vit-entrants.js';

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
      // The last figure that it gives.
      if (isMeasured(options, `${nameOf(comparison)}.bfloat16.autocast`)) continue;
      options.say(`${nameOf(comparison)}: beside PyTorch`);
      yield* judge(comparison, context);
      yield* judgeBfloat16(comparison, context);
    }
    for (const comparison of wanted(plan.memory, 'memory'))
      if (!isMeasured(options, `${nameOf(comparison)}.float32.memory`)) yield* economise(comparison, context);
    for (const comparison of wanted(plan.scaling, 'scaling'))
      if (!isMeasured(options, `${nameOf(comparison)}.float32.two-threads`))
        yield* scale(comparison, context);
    yield* fillTable(wanted(plan.table, 'table'), context);
  });
}

const isMeasured = ({ before }: BenchOptions, name: string): boolean =>
  before.some((figure) => figure.name === name);

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

/** What our side's ways to need less memory bring, and what they cost. */
async function* economise(
  comparison: Comparison,
  { entrants, plan, options, place }: Context,
): AsyncGenerator<Figure> {
  const name = `${nameOf(comparison)}.float32`;
  options.say(`${name}: peak memory`);
  const outcomes = await contest(
    eagerPair(comparison, entrants, await howOf(comparison, entrants, place)),
    plan.rounds,
  );
  const pair = [of(outcomes, OURS), of(outcomes, EAGER)] as const;
  yield compareRates(`${name}.rate`, pair, { work: comparison.batch, unit: 'images/s' });
  yield compareMemory(`${name}.memory`, pair, MEMORY_BAR);
}

/** Training over sizes and batches, beside PyTorch eager. */
async function* fillTable(
  cells: readonly Comparison[],
  { entrants, plan, options, place }: Context,
): AsyncGenerator<Figure> {
  const measured = [...options.before];
  for (const comparison of cells) {
    const name = nameOf(comparison);
    if (isMeasured(options, `${name}.${TABLE.rate}`)) continue;
    const why = leftOut(comparison, measured, {
      bytes: await availableMemory(place.device),
      seconds: plan.cellSeconds,
      rounds: plan.rounds.rounds,
    });
    if (why !== undefined) {
      yield notMeasured(`${name}.${TABLE.rate}`, why);
      continue;
    }
    options.say(`${name}: a cell of the table`);
    const outcomes = await contest(
      eagerPair(comparison, entrants, await howOf(comparison, entrants, place)),
      plan.rounds,
    );
    const pair = [of(outcomes, OURS), of(outcomes, EAGER)] as const;
    const figures = [
      compareMemory(`${name}.${TABLE.memory}`, pair),
      compareRates(`${name}.${TABLE.rate}`, pair, { work: comparison.batch, unit: 'images/s' }),
    ];
    measured.push(...figures);
    yield* figures;
  }
}

const howOf = async (
  comparison: Comparison,
  entrants: VitEntrants,
  place: Place,
): Promise<Omit<How, 'name'>> => ({ place, inputs: await entrants.inputsOf(comparison) });

const eagerPair = (
  comparison: Comparison,
  entrants: VitEntrants,
  how: Omit<How, 'name'>,
): readonly Entrant[] => [
  entrants.ours(comparison, { ...how, name: OURS }),
  entrants.torch(comparison, { ...how, name: EAGER }),
];
