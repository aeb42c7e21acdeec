import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackaged } from '@vitrine/packages';
import { afterAll, describe, expect, it } from 'vitest';
import { createDatasets } from './create-datasets.js';

const root = mkdtempSync(join(tmpdir(), 'vitrine-packaged-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A package whose data set gives what the code says. */
function packageOf(name: string, images: string) {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', main: 'main.js' }));
  writeFileSync(
    join(folder, 'main.js'),
    `export const vitrine = { interface: 1, datasets: { dots: { description: 'Dots.', load: ({ split }) => (${images}) } } };`,
  );
  return { names: [`./${name}`], from: root };
}

const load = async (places: { names: string[]; from: string }, digest?: string, limit?: number) => {
  const uses = `${places.names[0]?.slice(2)}/dots`;
  const { sha256 } = await findPackaged(places, 'datasets', { uses, where: 'test' });
  const datasets = createDatasets({ sampleDir: root, dataDir: root, packages: places });
  return datasets.load(`${uses}@sha256:${digest ?? sha256}`, 'test', limit);
};

const GOOD = `{ size: 2, channels: 1, classNames: ['a', 'b'], pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), labels: Uint8Array.of(0, 1) }`;

describe('a data set of a package', () => {
  it('is read like ours, in part or whole, with a digest of what was read', async () => {
    const places = packageOf('good', GOOD);
    const all = await load(places);
    expect(all).toMatchObject({ count: 2, size: 2, channels: 1, classNames: ['a', 'b'], split: 'test' });
    const first = await load(places, undefined, 1);
    expect([...first.pixels]).toEqual([1, 2, 3, 4]);
    expect(first.sha256).not.toBe(all.sha256);
  });

  it('may have more classes than a byte holds', async () => {
    const names = `classNames: Array.from({ length: 1000 }, (_, k) => 'c' + k)`;
    const many = GOOD.replace("classNames: ['a', 'b']", names).replace(
      'labels: Uint8Array.of(0, 1)',
      'labels: Uint16Array.of(7, 999)',
    );
    const set = await load(packageOf('many', many));
    expect([...set.labels]).toEqual([7, 999]);
    expect(set.labels.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('may say where its objects are', async () => {
    const regions = 'regions: Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0)';
    const set = await load(packageOf('marked', GOOD.replace(' }', `, ${regions} }`)), undefined, 1);
    expect(set.regions).toMatchObject({ eitherSide: false });
    expect([...(set.regions?.masks ?? [])]).toEqual([1, 0, 0, 0]);
  });

  it('is refused when the run was planned with another version of it', async () => {
    await expect(load(packageOf('other', GOOD), 'a'.repeat(64))).rejects.toMatchObject({
      code: 'CodeVersionMismatch',
      details: { expected: `package with sha256 ${'a'.repeat(64)}` },
    });
  });

  it.each([
    [
      'regions',
      GOOD.replace(' }', ', regions: Uint8Array.of(1) }'),
      '1 bytes of regions for 2 images of 2 × 2 pixels',
    ],
    ['few', GOOD.replace(', 8)', ')'), '7 bytes of pixels for 2 labels of 4 bytes each'],
    ['wild', GOOD.replace('(0, 1)', '(0, 2)'), 'a label above 1'],
    ['none', '[]', 'expected object'],
    [
      'dark',
      GOOD.replace('1, 2, 3, 4, 5, 6, 7, 8', '0, 1, 0, 0, 1, 1, 0, 1'),
      'pixels from 0 to 1, as numbers',
    ],
    [
      'floats',
      GOOD.replace('Uint8Array', 'Float32Array'),
      'as 255 · x rounded makes of numbers x from 0 to 1, got Float32Array',
    ],
  ])('is refused when what it gives does not fit (%s)', async (name, images, actual) => {
    await expect(load(packageOf(name, images))).rejects.toMatchObject({
      code: 'DatasetCorrupt',
      details: { actual: expect.stringContaining(actual) },
    });
  });
});
