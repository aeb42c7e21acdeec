import { eagerExecutor, specsOf, toHost, type StateDict } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startingNoise } from './noise-start.js';
import { splitVit } from './split-model.js';
import {
  initialSearchState,
  NOISE_ENTRY,
  searchEntries,
  synthesisProgram,
  weightsState,
} from './synthesis-program.js';
import { passesBudget, SYNTHESIS_DEFAULTS, type SynthesisSettings } from './synthesis-settings.js';
import { NoiseDivergedError, synthesizeNoise, type NoiseProgress } from './synthesize-noise.js';
import { smallVit, someImages } from './testing/small-vit.js';

const vit = smallVit();

interface Seen {
  readonly step: number;
  readonly converged: boolean;
  readonly noises: readonly NoiseProgress[];
  /** The search's entries of the state after the step. */
  readonly state: StateDict;
  readonly noise: number[];
}

function startState(settings: SynthesisSettings, noises: number): StateDict {
  const each = Array.from({ length: noises }, (_, index) => [
    ...startingNoise({ tokens: 4, width: 32 }, settings, { seed: 5, round: 0, index }),
  ]);
  const noise = { dtype: 'float32', shape: [noises, 4, 32], data: Float32Array.from(each.flat()) } as const;
  return initialSearchState(noise, settings);
}

async function run(
  over: Partial<SynthesisSettings> = {},
  from: { step?: number; state?: StateDict; noises?: number; normLimit?: number } = {},
) {
  const asked: number[] = [];
  const steps: Seen[] = [];
  const { noises = 1, step: fromStep = 0, normLimit = 1e9 } = from;
  const settings = { ...SYNTHESIS_DEFAULTS, maxSteps: 12, ...over };
  const weights = toHost(vit.params);
  const program = eagerExecutor.start(
    synthesisProgram({
      weights: specsOf(weights),
      model: (params) => splitVit({ ...vit, params }),
      noiseShape: [noises, 4, 32],
      pixelShape: [8, 3, 16, 16],
      settings,
    }),
  );
  program.writeState({ ...weightsState(weights), ...(from.state ?? startState(settings, noises)) });
  const search = {
    ...{ fromStep, settings, noises, normLimit },
    nextBatch: (step: number) => {
      asked.push(step);
      return Promise.resolve(someImages(8, step).dataSync() as Float32Array);
    },
    heldOut: () => [
      { pixels: someImages(8, 50).dataSync() as Float32Array, weights: new Float32Array(8).fill(1) },
      { pixels: someImages(8, 51).dataSync() as Float32Array, weights: new Float32Array(8).fill(1, 0, 3) },
    ],
  };
  try {
    for await (const progress of synthesizeNoise(program, search)) {
      const state = program.readState(searchEntries(settings));
      steps.push({ ...progress, state, noise: [...(state[NOISE_ENTRY]?.data ?? [])] });
    }
  } finally {
    program.dispose();
  }
  return { asked, steps };
}

const distances = (steps: readonly Seen[]): number[] => steps.map(({ noises }) => noises[0]?.mseProbs ?? NaN);

describe('the search for a noise', () => {
  it('makes at most maxSteps updates, each on the batch of its number', async () => {
    const { asked, steps } = await run({ epsilon: 1e-9, maxSteps: 5 });
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect(steps.map(({ step, converged }) => [step, converged])).toEqual(
      [1, 2, 3, 4, 5].map((step) => [step, false]),
    );
  });

  it('stops after no update when the start is within the tolerance', async () => {
    const { steps } = await run({ epsilon: 2 });
    expect(steps).toMatchObject([{ step: 0, converged: true }]);
  });

  it('stops at the first batch within the tolerance', async () => {
    const loose = await run({ epsilon: 1e-9, maxSteps: 12 });
    const all = distances(loose.steps);
    // Half-way between the smallest distance seen and the one before it: met there and not earlier.
    const at = all.findIndex((q, i) => i > 2 && q < Math.min(...all.slice(0, i)));
    expect(at).toBeGreaterThan(2);
    const epsilon = ((all[at] ?? NaN) + Math.min(...all.slice(0, at))) / 2;
    const { steps } = await run({ epsilon });
    expect(steps.at(-1)).toMatchObject({ step: at, converged: true });
    expect(steps.at(-1)?.noise).toEqual(loose.steps[at - 1]?.noise);
  });

  it('looks at held-out images after every window, at the mean over all of them, and at nothing else', async () => {
    const { steps } = await run({ stopOn: 'held-out', window: 3, epsilon: 1e-9, maxSteps: 7 });
    const tested = steps.map(({ noises }) => noises[0]?.tested ?? null);
    expect(tested.map((value) => value !== null)).toEqual([true, false, false, true, false, false, true]);
    const loose = Math.max(...tested.flatMap((value) => value ?? []));
    const stopped = await run({ stopOn: 'held-out', window: 3, epsilon: Math.min(2, loose * 1.01) });
    expect(stopped.steps.at(-1)?.converged).toBe(true);
    expect((stopped.steps.at(-1)?.step ?? NaN) % 3).toBe(0);
  });

  it('seeks several noises at once, each as if alone, until the last is found', async () => {
    const two = await run({ epsilon: 1e-9, maxSteps: 3 }, { noises: 2 });
    const one = await run({ epsilon: 1e-9, maxSteps: 3 });
    const first = two.steps.at(-1)?.noise.slice(0, 128) ?? [];
    first.forEach((value, i) => expect(value).toBeCloseTo(one.steps.at(-1)?.noise[i] ?? NaN, 4));
    expect(two.steps.at(-1)?.noises).toHaveLength(2);
    expect((await run({ epsilon: 2 }, { noises: 3 })).steps).toMatchObject([{ step: 0, converged: true }]);
  });

  it.each<[string, Partial<SynthesisSettings>, number]>([
    ['in mode learned', {}, 1],
    ['in mode random', { mode: 'random' }, 1],
    [
      'by gradient descent with a barrier',
      { optimizer: 'gradient-descent', logBarrier: 0.1, learningRate: 1e-3 },
      1,
    ],
    ['on the average', { stopOn: 'average', window: 3 }, 1],
    ['of two on held-out images', { stopOn: 'held-out', window: 2 }, 2],
  ])('%s resumes at any step to the same end', async (_name, over, noises) => {
    const settings = { epsilon: 1e-9, maxSteps: 6, ...over };
    const whole = await run(settings, { noises });
    for (const stop of [1, 4]) {
      const state = whole.steps[stop - 1]?.state as StateDict;
      const rest = await run(settings, { step: stop, state, noises });
      const facts = (steps: readonly Seen[]) => steps.map(({ noise, noises: each }) => [noise, each]);
      expect(facts(rest.steps)).toEqual(facts(whole.steps.slice(stop)));
    }
  });

  it('that leaves the finite numbers, or every scale, stops with step, loss and norm', async () => {
    const wild = { optimizer: 'gradient-descent', learningRate: 1e38, epsilon: 1e-9 } as const;
    await expect(run(wild)).rejects.toBeInstanceOf(NoiseDivergedError);
    const far = run({ epsilon: 1e-9 }, { normLimit: 1 });
    await expect(far).rejects.toMatchObject({ name: 'NoiseDivergedError', step: 0 });
    await expect(far).rejects.toThrow(
      /step 0: expected a finite loss and norm, got loss [\d.]+, norm [\d.]+/,
    );
  });
});

describe('a budget in passes', () => {
  it('is whole batches of the fraction of each pass', () => {
    expect(passesBudget({ rounds: 3, fraction: 0.1, batches: 59 })).toBe(15);
    expect(passesBudget({ rounds: 3, fraction: 0.1, batches: 9 })).toBe(0);
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(5000),
        (rounds, fraction, batches) => {
          const budget = passesBudget({ rounds, fraction, batches });
          expect(Number.isInteger(budget)).toBe(true);
          expect(budget).toBeLessThanOrEqual(rounds * fraction * batches);
        },
      ),
    );
  });
});
