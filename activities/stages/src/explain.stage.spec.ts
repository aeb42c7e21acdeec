import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackFolder } from '@vitrine/artifact-store';
import { explanationMethodSchema, type ArtifactRef, type StageInputs } from '@vitrine/contracts';
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeExplanations } from './explain/explanations-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { smallDenoiserParams } from './testing/small-denoiser.js';
import { putSmallModel } from './testing/small-model.js';
import { StageHarness } from './testing/stage-harness.js';

const params = {
  ...{ test: { limit: 6 }, batchSize: 4, curveImages: 2, examples: 5, integratedGradientSteps: 3 },
  ...{ rise: { masks: 6, cells: 2 }, sanityImages: 3, checkpoint: { everySteps: 4 } },
};
const harness = new StageHarness('explain', params);
const nothing = { gates: undefined, denoiser: undefined };
const defaults = explanationMethodSchema.options.filter((method) => method !== 'smoothedAttention');

const folder = mkdtempSync(join(tmpdir(), 'vitrine-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let model: ArtifactRef;
let gates: ArtifactRef;
let inputs: StageInputs<'explain'>;
beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  const trainer = new StageHarness('train-diffmask', { steps: 2, batchSize: 8 }, harness.artifacts);
  const { product, error } = await trainer.attempt({ model, init: undefined });
  if (!product) throw error;
  gates = product.outputs.gates;
  inputs = { ...nothing, model, gates: { masks: gates } };
});

async function found(over: object, given: StageInputs<'explain'> = inputs) {
  const stage = new StageHarness('explain', { ...params, ...over }, harness.artifacts);
  const { product, error } = await stage.attempt(given);
  if (!product) throw error;
  const { explanations } = product.outputs;
  return { product, ...decodeExplanations(await harness.artifacts.get(explanations), 'explanations') };
}

describe('explaining', () => {
  it('gives a map of every image by every method and every gate set, with scores that are figures', async () => {
    const before = tf.memory().numTensors;
    const { product, arrays, meta } = await found({});
    expect(tf.memory().numTensors).toBe(before);
    expect(meta.methods).toEqual([...defaults, 'masks']);
    for (const method of meta.methods) {
      const map = arrays[`maps.${method}`];
      expect(map?.shape).toEqual([6, 4]);
      expect([...(map?.data ?? [])].every(Number.isFinite), method).toBe(true);
    }
    expect(arrays['votes.masks']?.shape).toEqual([4, 5, 4]);
    expect(arrays['examples.pixels']?.shape).toEqual([5, 3, 8, 8]);
    for (const { curves, randomised } of product.summary.scores) {
      expect(curves?.released.positive).toBeGreaterThan(0);
      expect(curves?.released.positive).toBeLessThan(28);
      const shares = [curves?.normalised.positive, curves?.normalised.negative, curves?.deletion];
      for (const share of [...shares, curves?.insertion]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(1);
      }
      expect(curves?.divergence).toBeGreaterThanOrEqual(0);
      expect(Math.abs(randomised ?? NaN)).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(product.summary.scores.at(-1)?.masks).toMatchObject({ images: 6 });
    expect(meta.agreement).toHaveLength((8 * 7) / 2);
  });

  it('of gates has the product of the votes of all layers', async () => {
    const { arrays } = await found({ methods: [], curveImages: 0, sanityImages: 0 });
    const [mask, votes] = [arrays['maps.masks']?.data ?? [], arrays['votes.masks']?.data ?? []];
    for (let at = 0; at < 20; at++) {
      const sum = [0, 1, 2, 3].reduce((total, gate) => total + (votes[gate * 20 + at] ?? NaN), 0);
      expect(mask[at]).toBeCloseTo(Math.exp(sum), 5);
    }
  });

  it('ends with the same bytes however often it is killed', async () => {
    const undisturbed = await harness.attempt(inputs);
    const disturbed = await harness.attemptUntilDone(inputs, 30);
    expect(disturbed.attempts).toBeGreaterThan(2);
    const digests = ({ product }: typeof undisturbed) => [
      product?.outputs.explanations.sha256,
      product?.outputs.pictures.sha256,
    ];
    expect(digests(disturbed)).toEqual(digests(undisturbed));
    expect(digests(undisturbed)).not.toContain(undefined);
  });

  it('hands on pictures of every example by every method, and a page that names them all', async () => {
    const { product, meta } = await found({ curveImages: 0, sanityImages: 0, examples: 2 });
    await unpackFolder(folder, harness.artifacts.stream(product.outputs.pictures));
    const [first = ''] = readdirSync(folder).filter((name) => name.startsWith('001-'));
    const expected = meta.methods.flatMap((method) =>
      ['kept', 'mask', 'overlay'].map((what) => `${method}.${what}.png`),
    );
    expect(readdirSync(join(folder, first)).sort()).toEqual(
      [...expected, 'image.png', 'masks.votes.png'].sort(),
    );
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    const addresses = [...page.matchAll(/src="([^"]*)"/g)].map(([, address]) => decodeURI(address ?? ''));
    expect(addresses).toHaveLength(2 * (expected.length + 2));
    for (const address of addresses) {
      const { width = 0, height = 0, format } = await sharp(readFileSync(join(folder, address))).metadata();
      expect(format).toBe('png');
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(224);
    }
    expect(page).not.toMatch(/<script|https?:/);
  });

  it('smooths attention by noise, and behind a denoiser where one is given, whatever the batch', async () => {
    const maker = new StageHarness('train-denoiser', smallDenoiserParams, harness.artifacts);
    const { product, error } = await maker.attempt({ init: undefined });
    if (!product) throw error;
    const { denoiser } = product.outputs;
    const over = {
      ...{ methods: ['smoothedAttention'], curveImages: 0, sanityImages: 0, examples: 1 },
      smoothing: { sigma: 0.25, draws: 5 },
    };
    const mapsOf = async (more: object, given: ArtifactRef | undefined) => {
      const { arrays } = await found({ ...over, ...more }, { ...nothing, model, denoiser: given });
      return [...(arrays['maps.smoothedAttention']?.data ?? [])];
    };
    const behind = await mapsOf({}, denoiser);
    expect(behind.every((value) => value > 0)).toBe(true);
    expect(await mapsOf({}, undefined)).not.toEqual(behind);
    const others = await mapsOf({ batchSize: 3 }, denoiser);
    behind.forEach((value, i) => expect(others[i]).toBeCloseTo(value, 5));
  });

  it('scores by regions where they are known, and takes either side where that says as much', async () => {
    const counter = await putSmallModel(harness.artifacts, { imageSize: 6, patchSize: 2, classes: 10 });
    const given = { ...nothing, model: counter };
    const { product } = await found({ test: { dataset: 'counting', limit: 9 }, curveImages: 0 }, given);
    for (const { region } of product.summary.scores) {
      expect(region?.images).toBeLessThanOrEqual(9);
      expect(region?.auc).toBeGreaterThanOrEqual(0.5);
      expect(region?.exactMatch).toBeLessThanOrEqual(1);
    }
  });

  it('refuses gates of a model with other layers', async () => {
    const deeper = await putSmallModel(harness.artifacts, { depth: 3 });
    expect((await harness.attempt({ ...inputs, model: deeper })).error).toMatchObject({
      code: 'WeightsMismatch',
    });
  });
});
