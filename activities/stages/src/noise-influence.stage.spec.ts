import * as tf from '@tensorflow/tfjs-core';
import { influenceSchema, type ArtifactRef } from '@vitrine/contracts';
import { logits } from '@vitrine/ml-nn';
import { frobenius, permuteNoise } from '@vitrine/ml-nullspace';
import { toTensors } from '@vitrine/ml-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeModel, loadModel } from './model-artifact.js';
import { decodeNoise, noiseArray } from './noise-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel, tensorsHeld } from './testing/small-model.js';
import { StageHarness } from './testing/stage-harness.js';
import { syntheticImages } from './testing/synthetic-images.js';

const params = { scales: [0.5, 2], batchSize: 8, noisesAtOnce: 4 };
const harness = new StageHarness('noise-influence', params);
let model: ArtifactRef;
let noises: Record<string, ArtifactRef>;

async function noiseOf(ref: ArtifactRef, more: object = {}): Promise<ArtifactRef> {
  const synthesis = { batchSize: 16, maxSteps: 6, epsilon: 1e-6 };
  const maker = new StageHarness('nullspace-noise', { synthesis, ...more }, harness.artifacts);
  const { product, error } = await maker.attempt({ model: ref });
  if (!product) throw error;
  return product.outputs.noise;
}

async function studied(inputs: { model: ArtifactRef; noises: Record<string, ArtifactRef> }, of = harness) {
  const { product, error, reports } = await of.attempt(inputs);
  if (!product) throw error;
  const text = await harness.artifacts.text(product.outputs.influence);
  const study = influenceSchema.parse(JSON.parse(text));
  return { study, summary: product.summary, reports, sha256: product.outputs.influence.sha256 };
}

beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  const given = await loadModel(harness.artifacts, model);
  const turned = Object.entries(given.weights).map(([name, tensor]) => [
    name,
    { ...tensor, data: tensor.data.map((value) => -value) as Float32Array },
  ]);
  const other = encodeModel({ ...given, weights: Object.fromEntries(turned) as typeof given.weights });
  const otherRef = await harness.artifacts.put('model', other);
  noises = { own: await noiseOf(model, { noises: 2 }), foreign: await noiseOf(otherRef) };
});

describe('the study of noises', () => {
  it('judges every noise, its controls, and sum and mean of two, at every scale and at 1', async () => {
    const { study } = await studied({ model, noises });
    expect(study.noises.map(({ label, own }) => [label, own])).toEqual([
      ['own 1', true],
      ['own 2', true],
      ['foreign', false],
    ]);
    expect(study.points).toHaveLength((3 * 3 + 2) * 3);
    expect([...new Set(study.points.map(({ scale }) => scale))]).toEqual([0.5, 1, 2]);
  });

  it('gives the measures that their definitions give', async () => {
    const { study } = await studied({ model, noises });
    const { spec, weights } = await loadModel(harness.artifacts, model);
    const vit = { config: spec, params: toTensors(weights) };
    const { pixels } = syntheticImages('test', 20);
    const input = tf.tensor4d(
      Float32Array.from(pixels, (byte) => byte / 255),
      [20, 3, 8, 8],
    );
    const artifact = decodeNoise(await harness.artifacts.get(noises['own'] as ArtifactRef), 'noise');
    const first = noiseArray(artifact, 'encoderNoise').data.slice(0, 64) as Float32Array;
    const point = (treatment: string, scale: number) =>
      study.points.find(
        (each) => each.label === 'own 1' && each.treatment === treatment && each.scale === scale,
      );
    const check = (data: Float32Array, treatment: string, scale: number) => {
      const [z, noisy] = [
        logits(vit, input),
        logits(
          vit,
          input,
          tf.tensor3d(
            data.map((v) => v * scale),
            [1, 4, 16],
          ),
        ),
      ];
      const logitDistance = tf.mean(tf.sum(tf.squaredDifference(z, noisy), 1)).dataSync()[0] ?? NaN;
      const match = tf.mean(tf.cast(tf.equal(tf.argMax(z, 1), tf.argMax(noisy, 1)), 'float32')).dataSync()[0];
      expect((point(treatment, scale)?.influence.mseLogits ?? NaN) / logitDistance).toBeCloseTo(1, 4);
      expect(point(treatment, scale)?.influence.match).toBeCloseTo(match ?? NaN, 6);
      expect((point(treatment, scale)?.norm ?? NaN) / frobenius(data)).toBeCloseTo(scale, 5);
    };
    check(first, 'noise', 0.5);
    check(first, 'noise', 2);
    check(permuteNoise(first, { seed: 1234, index: 0 }), 'permuted', 1);
  });

  it('shrinks random noise to the influence of each, from below', async () => {
    const { study } = await studied({ model, noises });
    for (const { shrunk, atOne, norm } of study.noises) {
      expect(shrunk?.mseProbs).toBeLessThanOrEqual(atOne.noise.mseProbs);
      // The norm is known to 0.06 % and the distance is at most about quadratic in it. A noise of a model that has learned
      // nothing may do more than random noise of any norm does; then the longest that is looked at is what is given.
      if (shrunk?.reached) expect(shrunk.mseProbs).toBeGreaterThan(0.99 * atOne.noise.mseProbs);
      else expect((shrunk?.norm ?? NaN) / norm).toBeCloseTo(4, 1);
    }
    const plain = new StageHarness('noise-influence', { ...params, shrink: false }, harness.artifacts);
    expect((await studied({ model, noises }, plain)).study.noises.map(({ shrunk }) => shrunk)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('does not depend on how many noises and images go together, and leaves no tensor', async () => {
    const before = tensorsHeld();
    const whole = await studied({ model, noises });
    const apart = new StageHarness(
      'noise-influence',
      { ...params, batchSize: 20, noisesAtOnce: 64 },
      harness.artifacts,
    );
    const other = await studied({ model, noises }, apart);
    expect(tensorsHeld()).toBe(before);
    whole.study.points.forEach(({ influence }, at) =>
      expect((other.study.points[at]?.influence.mseLogits ?? NaN) / influence.mseLogits).toBeCloseTo(1, 4),
    );
    expect((await studied({ model, noises })).sha256).toBe(whole.sha256);
    expect(whole.reports.at(-1)).toMatchObject({ step: whole.reports.length, total: whole.reports.length });
  });

  it('refuses noise of another shape by its label', async () => {
    const wide = await putSmallModel(harness.artifacts, { width: 32 });
    const { error } = await harness.attempt({ model: wide, noises });
    expect(error).toMatchObject({
      code: 'ShapeMismatch',
      details: {
        where: 'inputs.noises.own',
        expected: 'noise of 4 tokens of width 32',
        actual: '[2, 4, 16]',
      },
    });
  });
});
