import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePipelineSpec } from '@vitrine/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { resolvePackages } from './resolve-packages.js';

const root = mkdtempSync(join(tmpdir(), 'vitrine-packages-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const MODULE = `
const params = { '~standard': { validate: (value) => ({ value: { rate: 1, ...value } }) } };
export const vitrine = { interface: 1, stages: { one: {
  description: 'One.', params, inputs: {}, outputs: { out: { type: 'file' } }, run: () => undefined } } };`;

function packageOf(
  name: string,
  code: string,
  manifest: object = { exports: { '.': { import: './main.js' } } },
) {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', ...manifest }));
  writeFileSync(join(folder, 'main.js'), code);
  return { names: [`./${name}`], from: root };
}

const spec = parsePipelineSpec({
  version: 1,
  name: 'x',
  stages: { a: { kind: 'package', params: { uses: 'good/one', with: { size: 2 } } } },
});

describe('a stage of a package', () => {
  it('is resolved to what it takes and gives, its defaults, and the digest of its package', async () => {
    const { stages } = await resolvePackages(spec, packageOf('good', MODULE));
    expect(stages['a']?.params).toMatchObject({
      with: { rate: 1, size: 2 },
      resolved: { stage: 'one', inputs: {}, outputs: { out: { type: 'file' } } },
    });
  });

  it.each([
    ['not-there', { names: ['not-there'], from: root }, 'no such package'],
    ['broken', packageOf('broken', 'export const vitrine = ;'), 'Unexpected token'],
    ['no-export', packageOf('no-export', 'export const other = 1;'), 'expected object'],
    [
      'newer',
      packageOf('newer', 'export const vitrine = { interface: 2, stages: {} };'),
      'interface: Invalid input: expected 1',
    ],
    ['no-entry', packageOf('no-entry', MODULE, { main: 'lib.js' }), 'lib.js'],
  ])('is refused when its package is %s', async (name, places, actual) => {
    await expect(resolvePackages(spec, places)).rejects.toMatchObject({
      code: 'InvalidConfig',
      details: { where: expect.stringContaining(name), actual: expect.stringContaining(actual) },
    });
  });

  it('is no matter for a pipeline without one', async () => {
    const plain = parsePipelineSpec({ version: 1, name: 'x', stages: { a: { kind: 'train' } } });
    expect(await resolvePackages(plain, { names: ['not-there'], from: root })).toEqual(plain);
  });
});
