import * as tf from '@tensorflow/tfjs-core';
import { initAdamW } from '@vitrine/ml-optim';
import { describe, expect, it } from 'vitest';
import { startingNoise } from './noise-start.js';
import { synthesisStep, type SynthesisState } from './noise-synthesis.js';
import { frobenius } from './patches.js';
import { splitVit, type SplitModel } from './split-model.js';
import { SYNTHESIS_DEFAULTS, synthesisRates, type SynthesisSettings } from './synthesis-settings.js';
import { gaussian, largest, lengthOf, smallVit, someImages } from './testing/small-vit.js';

const settings: SynthesisSettings = { ...SYNTHESIS_DEFAULTS, maxSteps: 12 };

const tokensOf = { tokens: 4, width: 32 };

/** The state of a search for one noise that starts here. */
const stateOf = (
  noise_MND: tf.Tensor3D,
  { mode, optimizer }: SynthesisSettings = settings,
): SynthesisState => {
  const M = noise_MND.shape[0];
  return {
    noise_MND,
    optimizer:
      mode === 'learned' && optimizer === 'adamw' ? initAdamW({ noise: noise_MND }) : { m: {}, v: {} },
    recent_MW: tf.fill([M, 1], Infinity),
    done_M: tf.zeros([M]),
  };
};
const start = (over: Partial<SynthesisSettings> = {}): SynthesisState => {
  const noise = startingNoise(tokensOf, { ...settings, ...over }, { seed: 5, round: 0 });
  return stateOf(tf.tensor3d(noise, [1, 4, 32]), { ...settings, ...over });
};
const vit = smallVit();
const model = splitVit(vit);
const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? NaN;

/** The step after so many updates. */
const stepOf = (
  judged: SplitModel,
  images: tf.Tensor4D,
  search: {
    readonly state: SynthesisState;
    readonly settings: SynthesisSettings;
    readonly done?: number;
    readonly heldOut?: number;
  },
): ReturnType<typeof synthesisStep> => {
  const M = search.state.noise_MND.shape[0];
  const rates_3 = tf.tensor1d(synthesisRates(search.settings, search.done ?? 0));
  const heldOut_M = tf.fill<tf.Rank.R1>([M], search.heldOut ?? Infinity);
  const result = synthesisStep(judged, images, { ...search, rates_3, heldOut_M });
  tf.dispose([rates_3, heldOut_M]);
  return result;
};

/** The noise after so many steps that never meet the tolerance. */
const after = (
  steps: number,
  judged: SplitModel,
  search: { state: SynthesisState; settings: SynthesisSettings },
) => {
  let { state } = search;
  const images = someImages(2);
  for (let done = 0; done < steps; done++)
    state = stepOf(judged, images, {
      state,
      settings: { ...search.settings, epsilon: 0 },
      done,
    }).state;
  return state.noise_MND;
};

describe('the start of a noise', () => {
  it.each([
    ['ViT-S/16', { tokens: 196, width: 384 }, 3, 475.2],
    ['ViT-B/16', { tokens: 196, width: 768 }, 3, 672.0],
    ['ViT-B/32', { tokens: 49, width: 768 }, 5, 560.0],
    ['a toy', { tokens: 16, width: 64 }, 3, 55.4],
  ])('has for %s the norm limit·√(ND/3), within 3 %%', (_name, size, limit, norm) => {
    const noise = startingNoise(size, { ...settings, limit }, { seed: 0, round: 0 });
    expect(Math.abs(frobenius(noise) / norm - 1)).toBeLessThan(0.03);
    expect(Math.max(...noise.subarray(0, 1000).map(Math.abs))).toBeLessThanOrEqual(limit);
  });

  it.each([
    ['ViT-S/16', { tokens: 196, width: 384 }, 274.3],
    ['ViT-B/16', { tokens: 196, width: 768 }, 388.0],
  ])('has in mode random for %s the norm √(ND), within 1 %%', (_name, size, norm) => {
    const noise = startingNoise(size, { ...settings, mode: 'random' }, { seed: 0, round: 0 });
    expect(Math.abs(frobenius(noise) / norm - 1)).toBeLessThan(0.01);
  });

  it('is for an image of ones the embedding of it, for the mean of images near the bias', () => {
    const weight = {
      dtype: 'float32',
      shape: [2, 3, 1, 1],
      data: Float32Array.of(1, 2, 3, -1, 0, 5),
    } as const;
    const bias = { dtype: 'float32', shape: [2], data: Float32Array.of(0.5, -1) } as const;
    const of = (init: SynthesisSettings['init']) =>
      startingNoise(
        { tokens: 2, width: 2 },
        { ...settings, init },
        { seed: 1, round: 0, stem: { weight, bias } },
      );
    expect([...of('ones-image')]).toEqual([6.5, 3, 6.5, 3]);
    const mean = of('mean-image');
    // Of 10,000 images: each pixel within 5 of its standard deviations of 0.0115.
    expect(Math.abs((mean[0] ?? NaN) - 0.5)).toBeLessThan(6 * 5 * 0.0116);
    expect([...mean]).not.toEqual([0.5, -1, 0.5, -1]);
  });

  it('differs between rounds and seeds and is otherwise the same', () => {
    const noise = startingNoise(tokensOf, settings, { seed: 1, round: 1 });
    expect(startingNoise(tokensOf, settings, { seed: 1, round: 1 })).toEqual(noise);
    expect(startingNoise(tokensOf, settings, { seed: 1, round: 2 })).not.toEqual(noise);
    expect(startingNoise(tokensOf, settings, { seed: 2, round: 1 })).not.toEqual(noise);
    expect(startingNoise(tokensOf, settings, { seed: 1, round: 1, index: 1 })).not.toEqual(noise);
  });
});

describe('a step of the synthesis', () => {
  it('tests before it moves: a noise within the tolerance keeps its values, and so do its moments', () => {
    const state = start();
    const result = stepOf(model, someImages(4), { state, settings: { ...settings, epsilon: 3 } });
    expect(value(result.mseProbs)).toBeLessThan(3);
    expect(result.state.noise_MND.dataSync()).toEqual(state.noise_MND.dataSync());
    expect(result.state.optimizer.v['noise']?.dataSync()).toEqual(state.optimizer.v['noise']?.dataSync());
    expect(value(result.norm)).toBeCloseTo(lengthOf(state.noise_MND), 4);
  });

  it('moves the noise towards smaller distances of the logits and leaves what it was given', () => {
    const images = someImages(16);
    const first = start();
    const before = [...first.noise_MND.dataSync()];
    let state = first;
    const distances: number[] = [];
    for (let done = 0; done < 15; done++) {
      const result = stepOf(model, images, { state, settings: { ...settings, epsilon: 1e-6 }, done });
      distances.push(value(result.mseLogits));
      state = result.state;
    }
    expect(distances.at(-1)).toBeLessThan(0.7 * (distances[0] ?? NaN));
    expect([...first.noise_MND.dataSync()]).toEqual(before);
  });

  it('shrinks by exactly 1 − lr·decay a step where the model is blind', () => {
    const blind: SplitModel = {
      ...model,
      classify: (features) => tf.mul<tf.Tensor2D>(model.classify(features), 0),
    };
    const rate = 0.1;
    let state = start();
    const norm = lengthOf(state.noise_MND);
    // A tolerance of 0 is never met, so all steps are done; the long budget keeps the rate at its start.
    const blindSettings = { ...settings, learningRate: rate, epsilon: 0, maxSteps: 100_000 };
    for (let done = 0; done < 20; done++)
      state = stepOf(blind, someImages(2), { state, settings: blindSettings, done }).state;
    expect(lengthOf(state.noise_MND) / norm).toBeCloseTo((1 - rate * 0.01) ** 20, 5);
  });

  it('in mode random only shrinks, by 0.8 a step', () => {
    let state = start({ mode: 'random' });
    const begin = state.noise_MND;
    const randomly: SynthesisSettings = { ...settings, mode: 'random', epsilon: 1e-9 };
    for (let done = 0; done < 3; done++)
      state = stepOf(model, someImages(2), { state, settings: randomly, done }).state;
    expect(largest(tf.sub(state.noise_MND, tf.mul(begin, 0.8 ** 3)))).toBeLessThan(1e-6);
    expect(state.optimizer).toEqual({ m: {}, v: {} });
  });

  it('of several noises moves each as by itself, and none that has met the tolerance', () => {
    const images = someImages(4);
    const [a, b] = [start(), stateOf(tf.mul(start().noise_MND, 1e-3))];
    const both = stateOf(tf.concat([a.noise_MND, b.noise_MND]));
    const [first, second] = [a, b].map((state) => stepOf(model, images, { state, settings }));
    const together = stepOf(model, images, { state: both, settings });
    expect([...together.state.done_M.dataSync()]).toEqual([0, 1]);
    const [moved, kept] = tf.split(together.state.noise_MND, 2) as [tf.Tensor3D, tf.Tensor3D];
    expect(largest(tf.sub(moved, first?.state.noise_MND ?? NaN))).toBeLessThan(1e-5);
    expect(kept.dataSync()).toEqual(b.noise_MND.dataSync());
    for (const figure of ['mseProbs', 'mseLogits', 'loss', 'norm'] as const)
      [first, second].forEach((alone, m) =>
        expect((together[figure].dataSync()[m] ?? NaN) / value(alone?.[figure] as tf.Tensor)).toBeCloseTo(
          1,
          3,
        ),
      );
    // Done is done: on a batch that would not let it pass it stays.
    const held = stepOf(model, images, { state: together.state, settings: { ...settings, epsilon: 0 } });
    expect(tf.slice(held.state.noise_MND, [1, 0, 0]).dataSync()).toEqual(b.noise_MND.dataSync());
  });

  it('keeps no tensor beside the new state and the figures', () => {
    const state = start();
    const images = someImages(4);
    const before = tf.memory().numTensors;
    stepOf(model, images, { state, settings });
    expect(tf.memory().numTensors - before).toBe(5 + 5);
  });
});

describe('what a stop looks at', () => {
  const never = { ...settings, epsilon: 0 };

  it('on the average needs as many batches as its window, and is their mean', () => {
    const average: SynthesisSettings = { ...never, stopOn: 'average', window: 3 };
    let state: SynthesisState = { ...start(), recent_MW: tf.fill([1, 3], Infinity) };
    const seen: number[] = [];
    for (let done = 0; done < 4; done++) {
      const step = stepOf(model, someImages(4, done), { state, settings: average, done });
      seen.push(value(step.mseProbs));
      const mean = seen.slice(-3).reduce((sum, q) => sum + q, 0) / 3;
      if (done < 2) expect(value(step.tested)).toBe(Infinity);
      else expect(value(step.tested)).toBeCloseTo(mean, 5);
      state = step.state;
    }
  });

  it('on held-out images is what it is given, on none at all nothing', () => {
    const looking = (stopOn: 'held-out' | 'never', heldOut: number) =>
      stepOf(model, someImages(4), { state: start(), settings: { ...settings, stopOn }, heldOut });
    expect(value(looking('held-out', 0.02).state.done_M)).toBe(1);
    expect(value(looking('held-out', 0.04).state.done_M)).toBe(0);
    expect(value(looking('never', Infinity).state.done_M)).toBe(0);
  });

  it.each([
    ['probs-sq', 'mseProbs', (q: number) => q],
    ['logits-sq', 'mseLogits', (q: number) => q],
  ] as const)('by %s is that distance', (criterion, figure, of) => {
    const step = stepOf(model, someImages(4), { state: start(), settings: { ...never, criterion } });
    expect(value(step.tested)).toBeCloseTo(of(value(step[figure])), 5);
  });
});

/** Features and logits A v of the noise alone, whatever the images. */
function linear(A: tf.Tensor2D): SplitModel {
  const [K, P] = A.shape;
  return {
    embed: (pixels) => tf.zeros([pixels.shape[0], 1, P]),
    encode: (patches) => tf.matMul(tf.reshape<tf.Rank.R2>(patches, [-1, P]), A, false, true),
    classify: (features) => tf.reshape(features, [-1, K]),
  };
}

describe('the loss of the synthesis', () => {
  /** Π δ = δ − Aᵀ (A Aᵀ)⁻¹ A δ, the inverse by Newton's iteration X ← X (2I − M X). */
  function projected(A: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
    const M = tf.matMul(A, A, false, true);
    let inverse: tf.Tensor2D = tf.div(tf.eye(A.shape[0]), tf.sum(tf.abs(M)));
    for (let i = 0; i < 60; i++)
      inverse = tf.matMul(inverse, tf.sub(tf.mul(tf.eye(A.shape[0]), 2), tf.matMul(M, inverse)));
    return tf.sub(v, tf.matMul(tf.matMul(tf.matMul(v, A, false, true), inverse), A));
  }

  const descending: SynthesisSettings = {
    ...settings,
    ...{
      optimizer: 'gradient-descent',
      schedule: 'constant',
      weightDecay: 0,
      stopOn: 'never',
      maxSteps: 5000,
    },
  };

  it('descends for a linear encoder to the projection of the start on the null space', () => {
    const A = gaussian<tf.Tensor2D>([3, 8], 5);
    const begin = gaussian<tf.Tensor3D>([1, 1, 8], 6);
    const search = { state: stateOf(begin, descending), settings: { ...descending, learningRate: 0.02 } };
    const end = tf.reshape<tf.Rank.R2>(after(250, linear(A), search), [1, 8]);
    const expected = projected(A, tf.reshape<tf.Rank.R2>(begin, [1, 8]));
    expect(largest(tf.sub(end, expected))).toBeLessThan(1e-3);
    expect(Math.abs(lengthOf(end) / lengthOf(expected) - 1)).toBeLessThan(1e-3);
  });

  it.each([
    // min ‖Av‖ − λ log‖v‖ at ‖v‖ = λ / σ_min, min ‖Av‖² − λ log‖v‖ at √(λ/2) / σ_min, both along v_min.
    ['logits-l2', 0.5 / 2],
    ['logits-sq', Math.sqrt(0.5 / 2) / 2],
    ['features-l2', 0.5 / 2],
    ['features-sq', Math.sqrt(0.5 / 2) / 2],
  ] as const)(
    'with a log barrier and %s ends at the known length along the weakest direction',
    (loss, length) => {
      // Singular values 5, 3 and 2.
      const A = tf.tensor2d([
        [5, 0, 0],
        [0, 0, 3],
        [0, 2, 0],
      ]);
      const barrier: SynthesisSettings = { ...descending, loss, logBarrier: 0.5, learningRate: 0.005 };
      const begin = tf.tensor3d([0.3, 0.8, -0.2], [1, 1, 3]);
      const end = after(250, linear(A), { state: stateOf(begin, barrier), settings: barrier });
      expect(lengthOf(end) / length).toBeCloseTo(1, 1);
      expect(Math.abs((end.dataSync()[1] ?? NaN) / lengthOf(end))).toBeGreaterThan(0.99);
    },
  );

  it('with a log barrier grows in an exact null space as √(‖v₀‖² + 2ηλk), without end', () => {
    const A = tf.tensor2d([[0, 0, 1]]);
    const barrier: SynthesisSettings = { ...descending, logBarrier: 0.5, learningRate: 0.1 };
    const begin = tf.tensor3d([0.6, 0.8, 0], [1, 1, 3]);
    const end = after(100, linear(A), { state: stateOf(begin, barrier), settings: barrier });
    expect(lengthOf(end) / Math.sqrt(1 + 2 * 0.1 * 0.5 * 100)).toBeCloseTo(1, 2);
  });
});

describe('rates', () => {
  const rateAt = (over: Partial<SynthesisSettings>, step: number): number =>
    synthesisRates({ ...settings, optimizer: 'gradient-descent', maxSteps: 100, ...over }, step)[0] ?? NaN;

  it('of the cosine stay above 0.975 of the start when a tenth of each pass is used, and end at 0 when all is', () => {
    expect(rateAt({}, 0)).toBeCloseTo(0.1, 7);
    expect(rateAt({}, 100)).toBeGreaterThan(0.0975);
    expect(rateAt({ fraction: 1 }, 100)).toBeCloseTo(0, 7);
  });

  it('that are constant stay, and in steps fall to a tenth at 30, 60 and 80 % of the budget', () => {
    expect(rateAt({ schedule: 'constant' }, 99)).toBeCloseTo(0.1, 7);
    const steps = [29, 30, 60, 80].map((step) => rateAt({ schedule: 'steps' }, step));
    [0.1, 0.01, 0.001, 0.0001].forEach((rate, i) => expect((steps[i] ?? NaN) / rate).toBeCloseTo(1, 5));
  });
});
