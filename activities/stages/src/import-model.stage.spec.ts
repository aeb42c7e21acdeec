import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportHuggingFace, initVit } from '@vitrine/ml-nn';
import { encodeSafetensors } from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from './model-artifact.js';
import { smallSpec } from './testing/small-model.js';
import { StageHarness } from './testing/stage-harness.js';

const folder = mkdtempSync(join(tmpdir(), 'import-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const weights = initVit(smallSpec, 9);
function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}
const timm = file('timm.safetensors', encodeSafetensors(weights));

async function importFrom(params: object) {
  const harness = new StageHarness('import-model', { model: smallSpec, ...params });
  const { product, error } = await harness.attempt({ weights: undefined });
  return { product, error, model: product && (await loadModel(harness.artifacts, product.outputs.model)) };
}

describe('importing weights', () => {
  it.each([
    ['timm', timm],
    ['Hugging Face', file('hf.safetensors', encodeSafetensors(exportHuggingFace(smallSpec, weights)))],
  ])('takes a file with the names of %s', async (_names, source) => {
    const { model, product } = await importFrom({ source });
    expect(model).toEqual({ spec: smallSpec, weights });
    expect(product?.summary.parameters).toBe(5428);
    expect(product?.summary.weightsSha256).toBe(product?.outputs.model.sha256);
  });

  it('takes weights that another stage made', async () => {
    const harness = new StageHarness('import-model', { model: smallSpec });
    const ref = await harness.artifacts.put('weights', encodeSafetensors(weights));
    const { product } = await harness.attempt({ weights: ref });
    expect(product?.outputs.model.sha256).toBe(
      (await importFrom({ source: timm })).product?.outputs.model.sha256,
    );
  });

  it('is refused when it is not clear which weights are meant', async () => {
    expect((await importFrom({})).error).toMatchObject({
      code: 'InvalidSpec',
      details: { actual: 'neither' },
    });
  });

  it('gives the bytes that training gives for the same weights, whatever names they came by', async () => {
    const [a, b] = await Promise.all(
      ['timm.safetensors', 'hf.safetensors'].map((name) => importFrom({ source: join(folder, name) })),
    );
    expect(a?.product?.summary.weightsSha256).toBe(b?.product?.summary.weightsSha256);
    expect(a?.product?.summary.sourceSha256).not.toBe(b?.product?.summary.sourceSha256);
  });

  it('refuses another digest than the one asked for, with both', async () => {
    const wanted = createHash('sha256').update('something else').digest('hex');
    const found = createHash('sha256').update(encodeSafetensors(weights)).digest('hex');
    expect((await importFrom({ source: timm, sha256: found })).error).toBeUndefined();
    expect((await importFrom({ source: timm, sha256: wanted })).error).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: timm, expected: `sha256 ${wanted}`, actual: `sha256 ${found}` },
    });
  });

  it('says that objects in S3 are not read, and what is', async () => {
    expect((await importFrom({ source: 's3://bucket/vit.safetensors' })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'params.source',
        expected: "the path of a safetensors file on the worker's machine",
        actual: 's3://bucket/vit.safetensors',
      },
    });
  });

  it('names the path of a file that is not there', async () => {
    const { error } = await importFrom({ source: '/nowhere/vit.safetensors' });
    expect(error).toMatchObject({ code: 'NotFound' });
    expect(error).toHaveProperty('details.actual', expect.stringContaining('/nowhere/vit.safetensors'));
  });

  it('refuses weights of another architecture, and files that are no weights', async () => {
    const { error } = await importFrom({ source: timm, model: { ...smallSpec, depth: 3 } });
    expect(error).toMatchObject({ code: 'WeightsMismatch' });
    expect(error).toHaveProperty('details.actual', expect.stringContaining('blocks.2.norm1.weight'));
    const source = file('broken.safetensors', new TextEncoder().encode('not at all safetensors'));
    expect((await importFrom({ source })).error).toMatchObject({ code: 'ArtifactCorrupt' });
  });
});
