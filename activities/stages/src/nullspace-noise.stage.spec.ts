import * as tf from '@tensorflow/tfjs-core';
import type { ArtifactRef, Part } from '@vitrine/contracts';
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
  synthesis: { recipe: 'as-released', batchSize: 16, maxSteps: 7, epsilon: 1e-6 },
  pixels: { norm: 20, visible: ['greedy', 'constrained', 'targeted'] },
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
    expect(summary).toMatchObject({ rank: 16, nullity: 32, ranks: { scipy: 16, strict: 16 } });
    expect(summary.noises).toMatchObject([{ steps: 7, converged: false }]);
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
    expect(frobenius(found?.data as Float32Array)).toBeCloseTo(summary.noises[0]?.norm ?? NaN, 5);
    expect(frobenius(start?.data as Float32Array)).toBeCloseTo(summary.noises[0]?.normAtStart ?? NaN, 5);
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
    const [facts] = summary.noises;
    expect(facts?.learned).toMatchObject(close(measure(encoderNoise)));
    expect(facts?.permuted).toMatchObject(
      close(measure(permuteNoise(encoderNoise, { seed: 1234, index: 0 }))),
    );
    expect(facts?.normSeen).toBeLessThan(facts?.norm ?? NaN);
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

  it('tells what a picture can hold of the pixel noise, and what the model then says', async () => {
    const { summary } = await end(undisturbed);
    expect(summary.pixelNoise.map(({ limit }) => limit)).toEqual(['unbounded', 'clipped', '8-bit']);
    const [unbounded, clipped, eightBit] = summary.pixelNoise;
    expect(unbounded).toMatchObject({ images: 20, changed: 0, match: 1 });
    expect(unbounded?.relativeResidual).toBeLessThan(1e-6);
    expect(clipped?.relativeResidual).toBeGreaterThan(1e-3);
    expect(clipped?.changed).toBeGreaterThan(0.1);
    expect(eightBit?.changed).toBeGreaterThan(clipped?.changed ?? NaN);
  });

  it('tells what of the encoder noise pixels can bring about, without bounds and in a picture', async () => {
    const { noiseAsPixels, noises } = (await end(undisturbed)).summary;
    expect(noiseAsPixels.map(({ limit, images }) => [limit, images])).toEqual([
      ['unbounded', 20],
      ['clipped', 20],
    ]);
    const [exact, clipped] = noiseAsPixels;
    // The embedding is narrower than a patch: unbounded pixels give any noise, and do what it does.
    expect(exact?.relativeResidual).toBeLessThan(1e-6);
    expect(exact?.match).toBeCloseTo(noises[0]?.learned.match ?? NaN, 6);
    expect(clipped?.relativeResidual).toBeGreaterThan(exact?.relativeResidual ?? NaN);
    expect(clipped?.relativeResidual).toBeLessThan(1);
  });

  it.each(['greedy', 'constrained', 'targeted'])(
    'shows the %s visible noise in pictures that the model takes for the same',
    async (name) => {
      const { noise } = await end(undisturbed);
      const pictures = noiseArray(noise, `examples.visible.${name}`).data as Float32Array;
      const pixels = noiseArray(noise, 'examples.pixels').data as Float32Array;
      expect(frobenius(pictures.map((value, i) => value - (pixels[i] ?? NaN)))).toBeGreaterThan(0.3);
      for (const value of pictures) expect(Math.abs(value - 0.5)).toBeLessThan(0.5 + 1e-5);
      const [clean, visible] = ['clean', name].map((of) =>
        tensorOf(noiseArray(noise, `examples.logits.${of}`)),
      );
      const [a, b] = [clean, visible] as [tf.Tensor, tf.Tensor];
      expect(lengthOf(tf.sub(a, b)) / lengthOf(a)).toBeLessThan(1e-4);
    },
  );

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
    expect(summary).toMatchObject({ rank: 48, nullity: 0, relativeResidual: 0, pixelNoise: [] });
    expect(summary.noises).toMatchObject([{ steps: 7 }]);
    expect(frobenius(noiseArray(noise, 'pixelNoise').data as Float32Array)).toBe(0);
  });
});

describe('the ways of a search', () => {
  const found = async (synthesis: object, more: object = {}) => {
    const other = new StageHarness('nullspace-noise', { ...params, synthesis, ...more }, harness.artifacts);
    const result = await end(await other.attempt({ model }), other);
    return { ...result, other };
  };
  const short = { recipe: 'as-released', batchSize: 8, maxSteps: 5, epsilon: 1e-6 };

  it.each([
    ['the corrected recipe', { recipe: 'corrected', window: 2 }],
    [
      'gradient descent with a barrier on the mean of batches',
      { optimizer: 'gradient-descent', learningRate: 1e-3, logBarrier: 0.2, stopOn: 'average', window: 2 },
    ],
    [
      'one batch alone, from the embedding of ones',
      { scope: 'batch', init: 'ones-image', loss: 'logits-l2' },
    ],
  ])('%s ends with the same bytes wherever it was killed', async (_name, synthesis) => {
    const { digests, other, summary } = await found({ ...short, ...synthesis });
    const killed = await other.attempt({ model }, { killAfterReports: 4 });
    const resumed = await other.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
    expect((await end(resumed, other)).digests).toEqual(digests);
    expect(summary.noises[0]?.steps).toBeGreaterThan(2);
  });

  it('counts a budget in passes, and refuses one without a step', async () => {
    // 4 batches a pass, of which half are used, twice.
    const passes = { ...short, rounds: 2, fraction: 0.5, init: 'mean-image', criterion: 'logits-sq' };
    expect((await found(passes)).summary.noises[0]?.steps).toBe(4);
    const none = new StageHarness(
      'nullspace-noise',
      { synthesis: { ...short, rounds: 3, fraction: 0.1 } },
      harness.artifacts,
    );
    expect((await none.attempt({ model })).error).toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'params.synthesis.fraction', expected: expect.stringContaining('1/4') as string },
    });
  });

  it('seeks several noises at once, each with a history of its own', async () => {
    const { noise, summary, history } = await found(short, { noises: 3 });
    expect(noiseArray(noise, 'encoderNoise').shape).toEqual([3, 4, 16]);
    expect(summary.noises).toHaveLength(3);
    expect(new Set(summary.noises.map(({ norm }) => norm)).size).toBe(3);
    const rows = history
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; round?: number });
    expect(rows.filter(({ event }) => event === 'round').map(({ round }) => round)).toEqual([0, 1, 2]);
    expect(rows.filter(({ event }) => event === 'synthesis')).toHaveLength(15);
  });

  it('stopped after it was found gives the same history, in which every noise is ready once', async () => {
    const loose = { recipe: 'as-released', batchSize: 16, maxSteps: 7, epsilon: 2 };
    const { digests, other, history } = await found(loose);
    expect(history.match(/"event":"round"/g)).toHaveLength(1);
    const cancelled = await other.attempt({ model }, { cancelAfterReports: 1 });
    const resumed = await other.attempt({ model }, { previous: cancelled.checkpoints.at(-1) ?? null });
    expect((await end(resumed, other)).digests).toEqual(digests);
  });

  it('that leaves every scale names step, loss and the last good checkpoint', async () => {
    const wild = { ...short, optimizer: 'gradient-descent', learningRate: 1e38 };
    const exploding = new StageHarness('nullspace-noise', { synthesis: wild }, harness.artifacts);
    expect((await exploding.attempt({ model })).error).toMatchObject({
      code: 'NonFiniteLoss',
      details: {
        where: expect.stringMatching(/^synthesis, step \d$/) as string,
        actual: expect.stringMatching(/^loss .*, norm /) as string,
        hint: expect.stringContaining('No checkpoint was stored') as string,
      },
    });
  });
});

describe('independent noises in chunks', () => {
  const synthesis = { recipe: 'as-released', batchSize: 8, maxSteps: 3, epsilon: 1e-6 };
  const study = (more: object) =>
    new StageHarness('nullspace-noise', { synthesis, noises: 3, ...more }, harness.artifacts);
  const chunkOf = async (from: typeof harness, part: Part, trouble: object = {}): Promise<ArtifactRef> => {
    const { product, error } = await from.attempt({ model }, { ...trouble, part });
    if (!product) throw error;
    return (product.outputs as unknown as Record<string, ArtifactRef>)['chunk'] as ArtifactRef;
  };
  const merged = async (from: typeof harness, artifacts: readonly ArtifactRef[]) => {
    const elements = artifacts.map((artifact, index) => ({ index, item: null, artifact }));
    const list = JSON.stringify({ format: 1, of: 'noise', elements });
    const chunks = await from.artifacts.put('list', new TextEncoder().encode(list));
    return end(await from.attempt({ model }, { part: { step: 'merge', chunks } }), from);
  };

  it('are planned by their number; one universal noise is one chunk', async () => {
    const planOf = async (more: object) =>
      (await study(more).attempt({ model }, { part: { step: 'plan' } })).product?.summary;
    expect(await planOf({ chunkNoises: 2 })).toEqual({ total: 3, size: 2 });
    expect(await planOf({ noises: 1, chunkNoises: 8 })).toEqual({ total: 1, size: 1 });
  });

  it('have the same bytes in whatever order, and however often killed, the chunks are computed', async () => {
    const cut = study({ chunkNoises: 2 });
    const [two, one] = [
      { step: 'chunk', first: 0, count: 2 },
      { step: 'chunk', first: 2, count: 1 },
    ] as const;
    const inOrder = await merged(cut, [await chunkOf(cut, two), await chunkOf(cut, one)]);
    const last = await chunkOf(cut, one);
    const killed = await cut.attempt({ model }, { part: two, killAfterReports: 2 });
    expect(killed.error).toBeInstanceOf(Killed);
    const first = await chunkOf(cut, two, { previous: killed.checkpoints.at(-1) ?? null });
    expect((await merged(cut, [first, last])).digests).toEqual(inOrder.digests);
    expect(inOrder.summary.noises).toHaveLength(3);
    expect(inOrder.history.match(/"event":"stage"/g)).toHaveLength(1);
    expect(inOrder.history.match(/"event":"round","round":\d/g)).toEqual(
      [0, 1, 2].map((round) => `"event":"round","round":${round}`),
    );
  });

  it('start where they start without chunks, and are the very noises when one chunk holds all', async () => {
    const whole = await end(await study({}).attempt({ model }));
    const single = study({ chunkNoises: 1 });
    const chunks = [];
    for (const first of [0, 1, 2]) chunks.push(await chunkOf(single, { step: 'chunk', first, count: 1 }));
    const { noise } = await merged(single, chunks);
    expect(noiseArray(noise, 'start').data).toEqual(noiseArray(whole.noise, 'start').data);
    const all = await chunkOf(study({ chunkNoises: 3 }), { step: 'chunk', first: 0, count: 3 });
    // Their histories differ by the parameter.
    expect((await merged(study({}), [all])).digests[0]).toBe(whole.digests[0]);
  });
});

describe('a noise that cannot be sought', () => {
  it('refuses a batch that is larger than the training set', async () => {
    const large = new StageHarness('nullspace-noise', {
      synthesis: { recipe: 'as-released', batchSize: 64 },
    });
    const ref = await putSmallModel(large.artifacts);
    expect((await large.attempt({ model: ref })).error).toMatchObject({
      code: 'InvalidSpec',
      details: { expected: 'at most the 32 images of the set', actual: '64' },
    });
  });
});
