import { denoiserSpecSchema, faithfulnessSchema, type ArtifactRef } from '@vitrine/contracts';
import { initUnet } from '@vitrine/ml-nn';
import { enlarged, segmentationCounts } from '@vitrine/ml-smoothing';
import { decodeSafetensors, eagerExecutor } from '@vitrine/ml-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { countingImages } from './datasets/counting-images.js';
import { encodeDenoiser } from './denoiser-artifact.js';
import { figuresOf } from './faithfulness/figures.js';
import { MemoryArtifacts } from './testing/memory-artifacts.js';
import { smallDenoiserParams } from './testing/small-denoiser.js';
import { putSmallModel, tensorsHeld } from './testing/small-model.js';
import { CancelRequest, StageHarness, type Attempt } from './testing/stage-harness.js';

const params = {
  test: { limit: 3 },
  sigma: 0.1,
  draws: 6,
  batchSize: 4,
  k: 2,
  epsilon: 0.05,
  steps: 2,
  perturbations: 2,
};
const artifacts = new MemoryArtifacts();
const eagerly = (over: object): StageHarness<'judge-attention'> =>
  new StageHarness('judge-attention', { ...params, ...over }, artifacts, { executor: eagerExecutor });
const harness = eagerly({});
let model: ArtifactRef;
let denoiser: ArtifactRef;
let undisturbed: Attempt<'judge-attention'>;

async function end({ product, error }: Attempt<'judge-attention'>) {
  if (!product) throw error;
  const { outputs, summary } = product;
  const faithfulness = faithfulnessSchema.parse(JSON.parse(await artifacts.text(outputs.faithfulness)));
  return { outputs, summary, faithfulness, digests: Object.values(outputs).map(({ sha256 }) => sha256) };
}

beforeAll(async () => {
  model = await putSmallModel(artifacts);
  const spec = denoiserSpecSchema.parse(smallDenoiserParams.model);
  denoiser = await artifacts.put('denoiser', encodeDenoiser({ spec, weights: initUnet(spec, 2) }));
  undisturbed = await harness.attempt({ model, denoiser });
});

describe('judging attention', () => {
  it('gives every image a row, and means that follow from the rows', async () => {
    const { faithfulness, summary, outputs } = await end(undisturbed);
    expect(faithfulness.images.map(({ idx }) => idx)).toEqual([0, 1, 2]);
    expect(summary).toEqual(figuresOf(faithfulness.images));
    expect(faithfulness.figures).toEqual(summary);
    for (const { overlap, sensitivity, perturbation } of faithfulness.images) {
      for (const pair of Object.values(overlap))
        for (const value of [pair.plain, pair.smoothed]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      expect(sensitivity.plain).toBeGreaterThan(0);
      for (const { plain, smoothed } of Object.values(perturbation))
        for (const outcomes of [plain.positive, plain.negative, smoothed.positive, smoothed.negative])
          expect(outcomes).toMatch(/^[01]{9}$/);
    }
    const { state } = decodeSafetensors(await artifacts.get(outputs.maps));
    expect(state['smoothed']?.shape).toEqual([3, 4]);
    const [first] = [state['plain']?.data.slice(0, 4) as Float32Array];
    expect(first?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('scores maps as segmentations where the data set has masks', async () => {
    const { segmentation } = (await end(undisturbed)).summary;
    for (const side of ['plain', 'smoothed'] as const) {
      expect(segmentation?.[side].pixelAccuracy).toBeGreaterThan(0);
      expect(segmentation?.[side].meanAveragePrecision).toBeLessThanOrEqual(1);
    }
  });

  it('takes the side that a map fits better where the outside of a region says as much', async () => {
    const counter = await putSmallModel(artifacts, { imageSize: 6, patchSize: 2, classes: 10 });
    const brief = {
      test: { dataset: 'counting', limit: 4 },
      draws: 1,
      perturbations: 1,
      steps: 1,
      batchSize: 1,
    };
    const { faithfulness, outputs } = await end(
      await eagerly(brief).attempt({ model: counter, denoiser: undefined }),
    );
    const { state } = decodeSafetensors(await artifacts.get(outputs.maps));
    const { masks } = countingImages('test', 4).regions ?? { masks: new Uint8Array() };
    const sides = faithfulness.images.map(({ segmentation }, image) => {
      const map = enlarged((state['plain']?.data as Float32Array).subarray(9 * image, 9 * image + 9), 6);
      const mask = masks.subarray(36 * image, 36 * image + 36);
      const [inside, outside] = [mask, mask.map((value) => 1 - value)].map((side) =>
        segmentationCounts(map, side),
      );
      expect(segmentation?.plain.averagePrecision).toBe(
        Math.max(inside?.averagePrecision ?? NaN, outside?.averagePrecision ?? NaN),
      );
      return (inside?.averagePrecision ?? 0) >= (outside?.averagePrecision ?? 0);
    });
    expect(new Set(sides).size).toBe(2);
  });

  it('cancelled in the middle goes on to the same bytes, and leaves no tensor', async () => {
    const before = tensorsHeld();
    const cancelled = await harness.attempt({ model, denoiser }, { cancelAfterReports: 40 });
    expect(cancelled.error).toBeInstanceOf(CancelRequest);
    expect(cancelled.checkpoints.at(-1)?.step).toBeGreaterThan(0);
    expect(tensorsHeld()).toBe(before);
    const previous = cancelled.checkpoints.at(-1) ?? null;
    const resumed = await harness.attempt({ model, denoiser }, { previous });
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it('of some images has their rows of the whole, with a denoiser of many steps and without one too', async () => {
    const some = await end(await eagerly({ every: 2 }).attempt({ model, denoiser }));
    const all = (await end(undisturbed)).faithfulness.images;
    expect(some.faithfulness.images).toEqual([all[0], all[2]]);
    const brief = { test: { limit: 1 }, draws: 2, perturbations: 1, steps: 1 };
    const walked = eagerly({ ...brief, sigma: 0.05, denoising: 'multi-step' });
    expect((await end(await walked.attempt({ model, denoiser }))).faithfulness.images).toHaveLength(1);
    const bare = await end(await eagerly(brief).attempt({ model, denoiser: undefined }));
    expect(bare.faithfulness.denoiserSha256).toBeUndefined();
  });

  it('as a graph judges too', async () => {
    const captured = new StageHarness('judge-attention', { ...params, test: { limit: 1 } }, artifacts);
    const { faithfulness } = await end(await captured.attempt({ model, denoiser: undefined }));
    expect(faithfulness.images).toHaveLength(1);
  });

  it('refuses a top of all tokens, with the largest that is one', async () => {
    expect((await eagerly({ k: 4 }).attempt({ model, denoiser })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'params.k',
        actual: "expected from 1 to 3, fewer than the model's 4 tokens, got 4",
      },
    });
  });

  it('refuses noise that the diffusion does not hold', async () => {
    const short = { ...smallDenoiserParams.model, diffusion: { steps: 2 } };
    const spec = denoiserSpecSchema.parse(short);
    const brief = await artifacts.put('denoiser', encodeDenoiser({ spec, weights: initUnet(spec, 1) }));
    expect((await eagerly({ sigma: 99 }).attempt({ model, denoiser: brief })).error).toMatchObject({
      code: 'InvalidSpec',
      details: { where: expect.stringContaining('params.sigma') as string, actual: '99' },
    });
  });
});
