/** Memory over many training steps of the quick pipeline's model: what is allocated for a step is free after it. */
import type { BenchOptions } from './bench.js';
import { figure, type Figure } from './figure.js';
import { residentMemory } from './machine.js';
import { Player } from './player.js';
import { sidesOf } from './sides.js';
import { VitEntrants } from './vit-entrants.js';

const COMPARISON = { task: 'train', model: 'quick', batch: 64 } as const;
const STEPS = 2_000;
const STEPS_PER_SAMPLE = 20;
/** Until allocator and collector have found their sizes. */
const WARM_UP_STEPS = 200;
/** Growth over all steps that cannot be told from the collector's ups and downs. */
const FLAT_BYTES = 16 * 2 ** 20;

export async function* allocator(options: BenchOptions): AsyncGenerator<Figure> {
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    const { device, threads, execution } = options;
    const place = { device, threads, execution };
    const how = { name: 'ours', place, inputs: await entrants.inputsOf(COMPARISON) };
    const entrant = entrants.ours(COMPARISON, how);
    const player = new Player(entrant.name, entrant.program);
    try {
      await player.prepare(entrant.case);
      await player.round(WARM_UP_STEPS);
      const samples: { step: number; bytes: number }[] = [];
      for (let step = 0; step <= STEPS; step += STEPS_PER_SAMPLE) {
        if (step > 0) await player.round(STEPS_PER_SAMPLE);
        samples.push({ step, bytes: residentMemory(player.pid, 'VmRSS') });
      }
      yield growthFigure(samples);
      yield figure('allocator.train.quick.b64.peak', residentMemory(player.pid, 'VmHWM') / 2 ** 20, {
        unit: 'MiB',
        spread: 0,
      });
    } finally {
      await player.end();
    }
  });
}

function growthFigure(samples: readonly { readonly step: number; readonly bytes: number }[]): Figure {
  const { slope, deviation } = regression(samples.map(({ step, bytes }) => [step, bytes]));
  const growth = slope * STEPS;
  return figure('allocator.train.quick.b64.growth', growth / 2 ** 20, {
    unit: `MiB in ${STEPS} steps`,
    spread: deviation / 2 ** 20,
    bar: `at most ${FLAT_BYTES / 2 ** 20} MiB`,
    holds: growth <= FLAT_BYTES,
  });
}

/** Least squares: the slope, and the standard deviation of what it leaves. */
export function regression(points: readonly (readonly [x: number, y: number])[]): {
  slope: number;
  deviation: number;
} {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const centreX = mean(points.map(([x]) => x));
  const centreY = mean(points.map(([, y]) => y));
  const slope =
    mean(points.map(([x, y]) => (x - centreX) * (y - centreY))) /
    mean(points.map(([x]) => (x - centreX) ** 2));
  const rest = points.map(([x, y]) => (y - centreY - slope * (x - centreX)) ** 2);
  return { slope, deviation: Math.sqrt(mean(rest)) };
}
