import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphExecutor } from '@vitrine/backend';
import { pictureJobSchema, type ArtifactRef } from '@vitrine/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBatchThread } from '../testing/build-batch-thread.js';
import { putSmallModel } from '../testing/small-model.js';
import { StageHarness } from '../testing/stage-harness.js';
import { explainPictures } from './explain-pictures.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-own-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trainer = new StageHarness('train-diffmask', { steps: 2, batchSize: 8, gates: { tolerance: 1e-6 } });
const place = async (name: string, ref: ArtifactRef): Promise<string> => {
  writeFileSync(join(folder, name), await trainer.artifacts.get(ref));
  return join(folder, name);
};

let model: string;
let deeper: string;
let gates: string;
const images: string[] = [];
beforeAll(async () => {
  await buildBatchThread();
  const small = await putSmallModel(trainer.artifacts);
  const { product, error } = await trainer.attempt({ model: small, init: undefined });
  if (!product) throw error;
  model = await place('model.safetensors', small);
  deeper = await place('deeper.safetensors', await putSmallModel(trainer.artifacts, { depth: 3 }));
  gates = await place('gates.safetensors', product.outputs.gates);
  for (const name of ['a cat.png', 'dog.jpg']) {
    const noise = Buffer.from(Array.from({ length: 3 * 20 * 30 }, (_, i) => (i * 7919 + name.length) % 251));
    await sharp(noise, { raw: { width: 20, height: 30, channels: 3 } }).toFile(join(folder, name));
    images.push(join(folder, name));
  }
});

const explain = (over: object) =>
  explainPictures(
    pictureJobSchema.parse({
      numerics: { threads: 1, precision: 'float32', execution: 'captured', device: 'cpu' },
      ...{ model, gates: { mine: gates }, images, out: join(folder, 'out'), fit: 'stretch' },
      ...{ methods: ['gradCam', 'rollout'], scores: false, seed: 1 },
      ...over,
    }),
    {
      executor: graphExecutor(),
      profile: { build: 'test', device: 'test', threads: 1, precision: 'float32', execution: 'captured' },
      ...{ now: () => performance.now(), signal: new AbortController().signal, onProgress: () => undefined },
    },
  );

describe("explaining a person's own pictures", () => {
  it('writes pictures by gates and methods, and says what the masks keep and cost', async () => {
    const classes = join(folder, 'classes.txt');
    writeFileSync(classes, 'red\ngreen\nblue\ngrey\n');
    const { pictures, page, scores, warnings } = await explain({ classes });
    expect(pictures.map(({ name }) => name)).toEqual(['a cat.png', 'dog.jpg']);
    for (const { predicted, confidence, masks } of pictures) {
      expect(['red', 'green', 'blue', 'grey']).toContain(predicted);
      expect(confidence).toBeGreaterThanOrEqual(0.25);
      expect(masks).toMatchObject([{ label: 'mine', tolerance: 1e-6 }]);
      expect(masks[0]?.kept).toBeLessThanOrEqual(1);
    }
    expect(scores.map(({ method }) => method)).toEqual(['gradCam', 'rollout', 'mine']);
    expect(scores[0]?.curves).toBeUndefined();
    expect(warnings).toEqual([]);
    const shown = readFileSync(page, 'utf8');
    for (const [, address = ''] of shown.matchAll(/src="([^"]*)"/g))
      expect(existsSync(join(folder, 'out', decodeURI(address)))).toBe(true);
    expect(shown).toContain('a cat.png');
  });

  it('scores the methods where that is asked for', async () => {
    const { scores } = await explain({ images: images.slice(0, 1), methods: ['gradCam'], scores: true });
    expect(scores[0]?.curves?.deletion).toBeGreaterThan(0);
    expect(scores[0]?.randomised).toBeDefined();
  });

  it('names the file that does not fit: gates of other layers, no model, no picture, names of other classes', async () => {
    await expect(explain({ model: deeper })).rejects.toMatchObject({
      code: 'WeightsMismatch',
      details: { expected: expect.stringContaining('5 gates') as string },
    });
    await expect(explain({ model: gates })).rejects.toMatchObject({
      code: 'WeightsMismatch',
      details: { where: expect.stringContaining('gates.safetensors') as string },
    });
    await expect(explain({ gates: { mine: model } })).rejects.toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: expect.stringContaining('model.safetensors') as string },
    });
    await expect(explain({ model: images[0] })).rejects.toMatchObject({ code: 'ArtifactCorrupt' });
    await expect(explain({ images: [model] })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: { where: model },
    });
    await expect(explain({ model: join(folder, 'none') })).rejects.toMatchObject({ code: 'NotFound' });
    const classes = join(folder, 'few.txt');
    writeFileSync(classes, 'red\n');
    await expect(explain({ classes })).rejects.toMatchObject({
      details: { expected: '4 lines, a class each', actual: '1 lines' },
    });
  });

  it('tells of gates that were trained on other weights', async () => {
    const other = await place(
      'other.safetensors',
      await putSmallModel(trainer.artifacts, { mean: [0.5, 0.5, 0.5] }),
    );
    const { warnings } = await explain({ model: other, images: images.slice(0, 1) });
    expect(warnings).toEqual(['the gates mine were trained on other weights of the same architecture']);
  });
});
