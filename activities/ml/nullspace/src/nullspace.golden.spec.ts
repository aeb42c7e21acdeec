import * as tf from '@tensorflow/tfjs-core';
import type { VitConfig } from '@vitrine/ml-nn';
import { readGolden, relativeError } from '@vitrine/ml-nn/testing';
import { eagerExecutor, projectOnNullSpace, specsOf } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { INFLUENCE_MEASURES, influenceProgram } from './noise-influence.js';
import { patchEmbeddingNullSpace } from './patch-embedding-null-space.js';
import { splitVit } from './split-model.js';
import { initialSearchState, NOISE_ENTRY, synthesisProgram, weightsState } from './synthesis-program.js';
import { SYNTHESIS_DEFAULTS, type SynthesisSettings } from './synthesis-settings.js';
import { synthesizeNoise } from './synthesize-noise.js';

const golden = readGolden(new URL('./nullspace.golden.safetensors', import.meta.url));
const config: VitConfig = {
  ...{ imageSize: 16, patchSize: 8, channels: 3, width: 32, depth: 2, heads: 2, mlpRatio: 2, classes: 10 },
  ...{ mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
};
const weights = golden.group('weight.');
const pixels = Float32Array.from(golden.tensor('input.bytes').data, (byte) => byte / 255);
const start = golden.tensor('input.start');
const common = {
  weights: specsOf(weights),
  model: (params: Parameters<typeof splitVit>[0]['params']) => splitVit({ config, params }),
  noiseShape: [1, 4, 32],
  pixelShape: [6, 3, 16, 16],
};

const CASES: [string, Partial<SynthesisSettings>][] = [
  ['adamw', {}],
  [
    'descent',
    { optimizer: 'gradient-descent', learningRate: 0.02, loss: 'logits-l2', logBarrier: 0.5, weightDecay: 0 },
  ],
  ['features', { loss: 'features-sq', weightDecay: 0 }],
];

describe('the search for a noise against PyTorch', () => {
  it.each(CASES)('takes the steps of %s, with loss, distances and norm of each', async (name, over) => {
    const settings: SynthesisSettings = {
      ...SYNTHESIS_DEFAULTS,
      ...{ schedule: 'constant', stopOn: 'never', maxSteps: 4 },
      ...over,
    };
    const program = eagerExecutor.start(synthesisProgram({ ...common, settings }));
    program.writeState({ ...weightsState(weights), ...initialSearchState(start, settings) });
    const figures: number[][] = [];
    const nextBatch = () => Promise.resolve(pixels);
    const search = { fromStep: 0, settings, noises: 1, normLimit: Infinity, nextBatch };
    for await (const { noises } of synthesizeNoise(program, search))
      for (const { loss, mseProbs, mseLogits, norm } of noises)
        figures.push([loss, mseProbs, mseLogits, norm]);
    const noise = program.readState([NOISE_ENTRY])[NOISE_ENTRY];
    program.dispose();
    const expected = golden.tensor(`${name}.figures`).data;
    figures.flat().forEach((value, at) => {
      const wanted = expected[at] ?? NaN;
      expect(Math.abs(value - wanted)).toBeLessThan(golden.tolerance * (1 + Math.abs(wanted)));
    });
    expect(figures.flat()).toHaveLength(expected.length);
    expect(relativeError(noise?.data ?? [], golden.tensor(`${name}.noise`).data)).toBeLessThan(
      golden.tolerance,
    );
  });
});

describe('the influence of a noise against PyTorch', () => {
  it('has its six measures', () => {
    const before = tf.memory().numTensors;
    const program = eagerExecutor.start(influenceProgram(common));
    program.writeState(weights);
    const ones = new Float32Array(6).fill(1);
    const sums = program.run('measure', { pixels, weights: ones, noises: start.data as Float32Array });
    program.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const expected = golden.tensor('influence').data;
    INFLUENCE_MEASURES.forEach((measure, at) =>
      expect((sums[measure]?.data[0] ?? NaN) / 6).toBeCloseTo(expected[at] ?? NaN, 3),
    );
  });
});

describe('the null space per channel against SciPy', () => {
  it('has its projector', () => {
    const whole = golden.tensor('weight.patch_embed.proj.weight').data;
    // The first 12 outputs and the upper left 6 × 6 of their kernels.
    const data = Float32Array.from({ length: 12 * 3 * 36 }, (_, i) => {
      const [plane, y, x] = [Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6];
      return whole[plane * 64 + y * 8 + x] ?? NaN;
    });
    const weight = { dtype: 'float32', shape: [12, 3, 6, 6], data } as const;
    const { parts } = patchEmbeddingNullSpace(weight, { basis: 'per-channel' });
    expect(parts).toHaveLength(3);
    parts.forEach((part, channel) => {
      const projector = Array.from({ length: 36 }, (_, i) => {
        const unit = new Float64Array(36);
        unit[i] = 1;
        return [...projectOnNullSpace(part, unit)];
      });
      expect(relativeError(projector.flat(), golden.tensor(`channel.${channel}`).data)).toBeLessThan(1e-6);
    });
  });
});
