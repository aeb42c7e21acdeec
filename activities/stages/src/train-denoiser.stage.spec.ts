import type { HistoryRow } from '@vitrine/contracts';
import { exportUnet, initUnet } from '@vitrine/ml-nn';
import { eagerExecutor, encodeSafetensors } from '@vitrine/ml-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeDenoiser } from './denoiser-artifact.js';
import { sampleGrid } from './denoising/sample-grid.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { MemoryArtifacts } from './testing/memory-artifacts.js';
import { smallDenoiserParams as params } from './testing/small-denoiser.js';
import { tensorsHeld } from './testing/small-model.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';

/** Operation by operation: the graph of a U-Net takes seconds to prepare, and these are many attempts. */
const artifacts = new MemoryArtifacts();
const eagerly = (over: object): StageHarness<'train-denoiser'> =>
  new StageHarness('train-denoiser', { ...params, ...over }, artifacts, { executor: eagerExecutor });
const harness = eagerly({});
let undisturbed: Attempt<'train-denoiser'>;

async function end({ product, error }: Attempt<'train-denoiser'>, from = harness) {
  if (!product) throw error;
  const { outputs, summary } = product;
  const history = await from.artifacts.text(outputs.history);
  const rows = history
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryRow);
  return { outputs, summary, rows, digests: Object.values(outputs).map(({ sha256 }) => sha256) };
}

beforeAll(async () => {
  await buildBatchThread();
  undisturbed = await harness.attempt({ init: undefined });
});

describe('training a denoiser', () => {
  it('lowers its loss, and gives the running mean of its weights', async () => {
    const { rows, summary, outputs } = await end(undisturbed);
    const losses = rows.flatMap((row) => (row.event === 'step' ? [row.loss] : []));
    expect(losses).toHaveLength(6);
    expect(losses[0]).toBeGreaterThan(0.8);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? NaN);
    expect(summary).toMatchObject({
      steps: 6,
      finalLoss: losses.at(-1),
      weightsSha256: outputs.denoiser.sha256,
    });
    const { spec, weights } = decodeDenoiser(await harness.artifacts.get(outputs.denoiser), 'denoiser');
    expect(spec.width).toBe(8);
    expect(weights['out.2.weight']?.data.some((value) => value !== 0)).toBe(true);
  });

  it('draws a grid where it was asked to, and judges by test images', async () => {
    const { rows, outputs } = await end(undisturbed);
    const grids = rows.flatMap((row) => (row.event === 'samples' ? [row] : []));
    expect(grids.map(({ step }) => step)).toEqual([3, 6]);
    expect(outputs.samples).toEqual(grids.at(-1)?.picture);
    const png = await harness.artifacts.get(outputs.samples);
    expect(Buffer.from(png).toString('latin1', 1, 4)).toBe('PNG');
    expect(rows.flatMap((row) => (row.event === 'denoising' ? [[row.step, row.images]] : []))).toEqual([
      [3, 16],
      [6, 16],
    ]);
  });

  it.each([3, 9])('killed at report %i ends with the same bytes', async (killAfterReports) => {
    const killed = await harness.attempt({ init: undefined }, { killAfterReports });
    expect(killed.error).toBeInstanceOf(Killed);
    const resumed = await harness.attempt(
      { init: undefined },
      { previous: killed.checkpoints.at(-1) ?? null },
    );
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it('cancelled in the middle of sampling goes on to the same bytes, and leaves no tensor', async () => {
    const at = undisturbed.reports.findIndex(({ phase }) => phase === 'sample') + 2;
    const before = tensorsHeld();
    const cancelled = await harness.attempt({ init: undefined }, { cancelAfterReports: at });
    expect(cancelled.error).toBeInstanceOf(CancelRequest);
    expect(tensorsHeld()).toBe(before);
    const resumed = await harness.attempt(
      { init: undefined },
      { previous: cancelled.checkpoints.at(-1) ?? null },
    );
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it('takes classes, a learned variance and the ancestral sampler', async () => {
    const told = eagerly({
      epochs: 1,
      model: {
        ...params.model,
        classes: 4,
        learnedVariance: true,
        diffusion: { schedule: 'cosine', steps: 20 },
      },
      samples: { sampler: 'ddpm', steps: 2, count: 4, grids: 1 },
    });
    const { summary } = await end(await told.attempt({ init: undefined }), told);
    expect(Number.isFinite(summary.testLoss)).toBe(true);
  });

  it('as a graph learns the same, to rounding', async () => {
    const captured = new StageHarness('train-denoiser', params, artifacts);
    const losses = async (attempt: Attempt<'train-denoiser'>): Promise<number[]> =>
      (await end(attempt)).rows.flatMap((row) => (row.event === 'step' ? [row.loss] : []));
    const expected = await losses(undisturbed);
    (await losses(await captured.attempt({ init: undefined }))).forEach((loss, i) =>
      expect(loss / (expected[i] ?? NaN)).toBeCloseTo(1, 3),
    );
  });

  it('starts from given weights, and refuses others by field', async () => {
    const { outputs } = await end(undisturbed);
    const go = eagerly({ epochs: 1 });
    const { rows } = await end(await go.attempt({ init: outputs.denoiser }), go);
    const first = rows.find((row) => row.event === 'step');
    expect(first?.event === 'step' && first.loss).toBeLessThan(0.999);
    const wider = eagerly({ model: { ...params.model, width: 16 } });
    expect((await wider.attempt({ init: outputs.denoiser })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: { where: 'params.model.width', expected: 'width 8', actual: 'width 16' },
    });
  });

  it('refuses images of another size', async () => {
    const large = eagerly({ model: { ...params.model, imageSize: 16 } });
    expect((await large.attempt({ init: undefined })).error).toMatchObject({
      code: 'ShapeMismatch',
      details: { where: 'denoiser.imageSize' },
    });
  });
});

describe('importing a denoiser', () => {
  it("takes weights in PyTorch's layouts, and refuses them by name where they do not fit", async () => {
    const { spec } = decodeDenoiser(
      await harness.artifacts.get((await end(undisturbed)).outputs.denoiser),
      'd',
    );
    const file = encodeSafetensors(exportUnet(initUnet(spec, 1)));
    const importer = new StageHarness('import-denoiser', { model: spec });
    const weights = await importer.artifacts.put('weights', file);
    const { product, error } = await importer.attempt({ weights });
    if (!product) throw error;
    const back = decodeDenoiser(await importer.artifacts.get(product.outputs.denoiser), 'd');
    expect(back.weights).toEqual(initUnet(spec, 1));
    const other = new StageHarness(
      'import-denoiser',
      { model: { ...spec, scaleShift: false } },
      importer.artifacts,
    );
    expect((await other.attempt({ weights })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: { actual: expect.stringContaining('emb_layers.1.weight') as string },
    });
  });
});

describe('a grid', () => {
  it('has one pixel between its images, and repeats the channel of grey ones', () => {
    const png = Buffer.from(
      sampleGrid(new Float32Array(4 * 4).fill(0.5), { count: 4, channels: 1, size: 2 }),
    );
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5, 5]);
  });
});
