import * as tf from '@tensorflow/tfjs-core';
import { explanationMethodSchema, type ArtifactRef } from '@vitrine/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeExplanations } from './explain/explanations-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel } from './testing/small-model.js';
import { StageHarness } from './testing/stage-harness.js';

const params = {
  ...{ test: { limit: 6 }, batchSize: 4, curveImages: 2, examples: 5, integratedGradientSteps: 3 },
  rise: { masks: 6, cells: 2 },
};
const harness = new StageHarness('explain', params);
let model: ArtifactRef;
let gates: ArtifactRef;
beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  const trainer = new StageHarness('train-diffmask', { steps: 2, batchSize: 8 }, harness.artifacts);
  const { product, error } = await trainer.attempt({ model, init: undefined });
  if (!product) throw error;
  gates = product.outputs.gates;
});

describe('explaining', () => {
  it('gives a map of every image by every method and every gate set, with scores that are figures', async () => {
    const before = tf.memory().numTensors;
    const { product, error } = await harness.attempt({ model, gates: { masks: gates } });
    if (!product) throw error;
    expect(tf.memory().numTensors).toBe(before);
    const ref = product.outputs.explanations;
    const { arrays, meta } = decodeExplanations(await harness.artifacts.get(ref), 'explanations');
    expect(meta.methods).toEqual([...explanationMethodSchema.options, 'masks']);
    for (const method of meta.methods) {
      const map = arrays[`maps.${method}`];
      expect(map?.shape).toEqual([6, 4]);
      expect([...(map?.data ?? [])].every(Number.isFinite), method).toBe(true);
    }
    expect(arrays['votes.masks']?.shape).toEqual([4, 5, 4]);
    expect(arrays['examples.pixels']?.shape).toEqual([5, 3, 8, 8]);
    for (const { released, normalised, deletion, insertion } of product.summary.scores) {
      expect(released.positive).toBeGreaterThan(0);
      expect(released.positive).toBeLessThan(28);
      for (const share of [normalised.positive, normalised.negative, deletion, insertion]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(1);
      }
    }
  });

  it('of gates has the product of the votes of all layers', async () => {
    const few = new StageHarness('explain', { ...params, methods: [] }, harness.artifacts);
    const { product, error } = await few.attempt({ model, gates: { masks: gates } });
    if (!product) throw error;
    const { arrays } = decodeExplanations(
      await harness.artifacts.get(product.outputs.explanations),
      'explanations',
    );
    const [mask, votes] = [arrays['maps.masks']?.data ?? [], arrays['votes.masks']?.data ?? []];
    for (let at = 0; at < 20; at++) {
      const sum = [0, 1, 2, 3].reduce((total, gate) => total + (votes[gate * 20 + at] ?? NaN), 0);
      expect(mask[at]).toBeCloseTo(Math.exp(sum), 5);
    }
  });

  it('refuses gates of a model with other layers', async () => {
    const deeper = await putSmallModel(harness.artifacts, { depth: 3 });
    expect((await harness.attempt({ model: deeper, gates: { masks: gates } })).error).toMatchObject({
      code: 'WeightsMismatch',
    });
  });
});
