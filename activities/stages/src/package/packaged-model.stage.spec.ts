import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackaged } from '@vitrine/packages';
import { encodeSafetensors, type HostTensor } from '@vitrine/ml-tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageHarness } from '../testing/stage-harness.js';

/** Channel means against thresholds: four classes of images of 3 × 8 × 8, of which two are never named. */
const MODULE = `
const params = { '~standard': { validate: (value) => ({ value }) } };
const net = (logits) => ({ description: 'A net.', params,
  architecture: () => ({ imageSize: 8, channels: 3, classes: 4, weights: { kernel: [3, 4] }, logits }) });
export const vitrine = { interface: 1, models: {
  good: net(({ tf, weights: { kernel }, pixels }) => tf.matMul(tf.mean(pixels, [2, 3]), kernel)),
  odd: net(({ tf, pixels }) => tf.mean(pixels, [2, 3])) } };`;

let folder: string;
let sha256: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'packaged-model-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "nets", "type": "module", "main": "main.js" }');
  writeFileSync(join(folder, 'main.js'), MODULE);
  writeFileSync(join(folder, 'vitrine.yaml'), 'packages: ["./"]\n');
  process.env['VITRINE_CONFIG'] = join(folder, 'vitrine.yaml');
  const places = { names: ['./'], from: folder };
  ({ sha256 } = await findPackaged(places, 'models', { uses: 'nets/good', where: 'test' }));
});
afterAll(() => {
  delete process.env['VITRINE_CONFIG'];
  rmSync(folder, { recursive: true });
});

const kernel: HostTensor = {
  dtype: 'float32',
  shape: [3, 4],
  data: Float32Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
};

async function judged(name: string, change: { digest?: string; weights?: HostTensor } = {}) {
  const resolved = { imageSize: 8, channels: 3, classes: 4, sha256: change.digest ?? sha256 };
  const architecture = { uses: `nets/${name}`, resolved };
  const importer = new StageHarness('import-model', { architecture });
  const file = encodeSafetensors({ kernel: change.weights ?? kernel });
  const imported = await importer.attempt({ weights: await importer.artifacts.put('weights', file) });
  if (!imported.product) return imported;
  const conditions = [{ kind: 'clean' }, { kind: 'fgsm', epsilon: 1 }];
  const judge = new StageHarness('evaluate', { batchSize: 8, conditions }, importer.artifacts);
  return judge.attempt({ model: imported.product.outputs.model });
}

describe('a model of a package', () => {
  it('is brought in and judged, with attacks that follow its own gradient', async () => {
    const { product, error } = await judged('good');
    expect(error).toBeUndefined();
    expect(product?.summary).toMatchObject({ conditions: [{ images: 20 }, { images: 20 }] });
    const [clean, attacked] = (product?.summary as { conditions: { correct: number }[] }).conditions;
    expect(clean?.correct).toBeGreaterThan(0);
    expect(attacked?.correct).toBeLessThan(clean?.correct ?? NaN);
  });

  it.each([
    ['weights of other shapes', 'good', { weights: { ...kernel, shape: [4, 3] } }, 'WeightsMismatch'],
    ['another version of the package', 'good', { digest: '0'.repeat(64) }, 'CodeVersionMismatch'],
    ['logits of another shape', 'odd', {}, 'ShapeMismatch'],
  ])('is refused for %s', async (_, name, change, code) => {
    expect((await judged(name, change)).error).toMatchObject({ code });
  });

  it('is refused by stages that work on the parts of a ViT', async () => {
    const resolved = { imageSize: 8, channels: 3, classes: 4, sha256 };
    const importer = new StageHarness('import-model', { architecture: { uses: 'nets/good', resolved } });
    const weights = await importer.artifacts.put('weights', encodeSafetensors({ kernel }));
    const { product, error } = await importer.attempt({ weights });
    if (!product) throw error;
    const noise = new StageHarness('nullspace-noise', {}, importer.artifacts);
    expect((await noise.attempt({ model: product.outputs.model })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: { expected: 'a model of family vit', actual: expect.stringContaining('nets/good') as string },
    });
  });
});
