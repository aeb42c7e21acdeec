import * as tf from '@tensorflow/tfjs-core';
import type { ArtifactRef } from '@vitrine/contracts';
import { embedPatches, logits } from '@vitrine/ml-nn';
import { frobenius, permuteNoise, toPixelUnits } from '@vitrine/ml-nullspace';
import { toTensors, type HostTensor } from '@vitrine/ml-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from './model-artifact.js';
import { decodeNoise, noiseArray } from './noise-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel, tensorsHeld } from './testing/small-model.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';
import { syntheticImages } from './testing/synthetic-images.js';

const params = {
  synthesis: { batchSize: 16, maxSteps: 7, epsilon: 1e-6 },
  pixelNorm: 20,
  checkpoint: { everySteps: 3 },
};
const harness = new StageHarness('nullspace-noise', params);
let model: ArtifactRef;
let undisturbed: Attempt<'nullspace-noise'>;

async function end({ product, error }: Attempt<'nullspace-noise'>, from = harness) {
  if (!product) throw error;
  const { outputs, summary } = product;
  const noise = decodeNoise(await from.artifacts.get(outputs.noise), 'noise');
  const digests = [outputs.noise.sha256, outputs.history.sha256];
  return { summary, noise, digests, history: await from.artifacts.text(outputs.history) };
}

const tensorOf = ({ shape, data }: HostTensor): tf.Tensor => tf.tensor(data, [...shape]);
const lengthOf = (tensor: tf.Tensor): number => tf.norm(tensor).dataSync()[0] ?? NaN;

beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  undisturbed = await harness.attempt({ model });
});

describe('the noise stage', () => {
  it('finds a null space of the dimension that rank arithmetic says', async () => {
    const { summary } = await end(undisturbed);
    // 48 numbers a patch, 16 embedded.
    expect(summary).toMatchObject({ rank: 16, nullity: 32, steps: 7, converged: false });
    expect(summary.relativeResidual).toBeLessThan(1e-6);
  });

  it('hands on pixel noise of the wanted norm that the patch embedding does not see', async () => {
    const { noise } = await end(undisturbed);
    const pixelNoise = noiseArray(noise, 'pixelNoise');
    expect(frobenius(pixelNoise.data as Float32Array)).toBeCloseTo(20, 3);
    const { spec, weights } = await loadModel(harness.artifacts, model);
    const vit = { config: spec, params: toTensors(weights) };
    const clean = tensorOf(noiseArray(noise, 'examples.pixels')) as tf.Tensor4D;
    const inPixels = toPixelUnits(pixelNoise.data as Float32Array, spec.std);
    const noisy = tf.add<tf.Tensor4D>(clean, tf.tensor(inPixels, [1, 3, 8, 8]));
    const embedded = embedPatches(vit, clean);
    expect(lengthOf(tf.sub(embedPatches(vit, noisy), embedded)) / lengthOf(embedded)).toBeLessThan(1e-5);
  });

  it('hands on the encoder noise with its start, and the norms of both', async () => {
    const { noise, summary } = await end(undisturbed);
    const [found, start] = ['encoderNoise', 'start'].map((name) => noiseArray(noise, name));
    expect(found?.shape).toEqual([1, 4, 16]);
    expect(frobenius(found?.data as Float32Array)).toBeCloseTo(summary.norm, 5);
    expect(frobenius(start?.data as Float32Array)).toBeCloseTo(summary.normAtStart, 5);
    expect(found?.data).not.toEqual(start?.data);
  });

  it('measures on all test images what the noise and its permuted control do', async () => {
    const { noise, summary } = await end(undisturbed);
    const { spec, weights } = await loadModel(harness.artifacts, model);
    const vit = { config: spec, params: toTensors(weights) };
    const { pixels } = syntheticImages('test', 20);
    const input = tf.tensor4d(
      Float32Array.from(pixels, (byte) => byte / 255),
      [20, 3, 8, 8],
    );
    const encoderNoise = noiseArray(noise, 'encoderNoise').data as Float32Array;
    const measure = (data: Float32Array) => {
      const [z, noisy] = [logits(vit, input), logits(vit, input, tf.tensor3d(data, [1, 4, 16]))];
      const distance = tf.mean(tf.sum(tf.squaredDifference(tf.softmax(z), tf.softmax(noisy)), 1));
      const match = tf.mean(tf.cast(tf.equal(tf.argMax(z, 1), tf.argMax(noisy, 1)), 'float32'));
      return { mseProbs: distance.dataSync()[0], match: match.dataSync()[0] };
    };
    const close = ({ mseProbs = NaN, match = NaN }: { mseProbs?: number; match?: number }) => ({
      mseProbs: expect.closeTo(mseProbs, 6) as number,
      match: expect.closeTo(match, 6) as number,
    });
    expect(summary.learned).toEqual(close(measure(encoderNoise)));
    expect(summary.permuted).toEqual(close(measure(permuteNoise(encoderNoise, { seed: 1234 }))));
  });

  it('shows one example of each class, with logits that pixel noise leaves alone', async () => {
    const { noise } = await end(undisturbed);
    expect([...noiseArray(noise, 'examples.labels').data]).toEqual([0, 1, 2, 3]);
    const [clean, unseen, encoder] = ['clean', 'pixelNoise', 'encoderNoise'].map((name) =>
      tensorOf(noiseArray(noise, `examples.logits.${name}`)),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor];
    expect(clean.shape).toEqual([4, 4]);
    expect(lengthOf(tf.sub(unseen, clean)) / lengthOf(clean)).toBeLessThan(1e-5);
    expect(lengthOf(tf.sub(encoder, clean)) / lengthOf(clean)).toBeGreaterThan(1e-3);
    expect(noise.meta).toMatchObject({
      modelSha256: model.sha256,
      mode: 'learned',
      classNames: ['red', 'green', 'blue', 'grey'],
    });
  });

  it.each([1, 3, 4, 7, 8])('killed at report %i ends with the same bytes', async (killAfterReports) => {
    const killed = await harness.attempt({ model }, { killAfterReports });
    expect(killed.error).toBeInstanceOf(Killed);
    const resumed = await harness.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it.each([2, 8])(
    'cancelled at report %i goes on from there, and holds no tensor',
    async (cancelAfterReports) => {
      const before = tensorsHeld();
      const cancelled = await harness.attempt({ model }, { cancelAfterReports });
      expect(cancelled.error).toBeInstanceOf(CancelRequest);
      expect(cancelled.checkpoints.at(-1)?.step).toBe(cancelled.reports.at(-1)?.step);
      const resumed = await harness.attempt({ model }, { previous: cancelled.checkpoints.at(-1) ?? null });
      expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
      expect(tensorsHeld()).toBe(before);
    },
  );
});

describe('a patch embedding of full rank', () => {
  it('has no pixel noise, and its encoder noise is sought all the same', async () => {
    const wide = new StageHarness('nullspace-noise', params);
    const ref = await putSmallModel(wide.artifacts, { width: 64 });
    const { summary, noise } = await end(await wide.attempt({ model: ref }), wide);
    expect(summary).toMatchObject({ rank: 48, nullity: 0, relativeResidual: 0, steps: 7 });
    expect(frobenius(noiseArray(noise, 'pixelNoise').data as Float32Array)).toBe(0);
  });
});

describe('a noise that cannot be sought', () => {
  it('refuses a batch that is larger than the training set', async () => {
    const large = new StageHarness('nullspace-noise', { synthesis: { batchSize: 64 } });
    const ref = await putSmallModel(large.artifacts);
    expect((await large.attempt({ model: ref })).error).toMatchObject({
      code: 'InvalidSpec',
      details: { expected: 'at most the 32 images of the set', actual: '64' },
    });
  });
});
