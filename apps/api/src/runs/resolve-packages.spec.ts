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

describe('a model of a package', () => {
  const model = (architecture: string): string => `
const params = { '~standard': { validate: ({ width = 4, ...rest }) => Object.keys(rest).length > 0
  ? { issues: [{ message: 'unknown field', path: Object.keys(rest) }] } : { value: { width } } } };
export const vitrine = { interface: 1, models: { net: { description: 'A net.', params, architecture: ${architecture} } } };`;
  const GOOD =
    '({ width }) => ({ imageSize: 8, channels: 1, classes: 2, weights: { kernel: [64, width] }, logits: () => undefined })';
  const imported = (uses: string, given: object = {}) =>
    parsePipelineSpec({
      version: 1,
      name: 'x',
      stages: { a: { kind: 'import-model', params: { source: '/w', architecture: { uses, with: given } } } },
    });

  it('is resolved to the images it takes, its defaults, and the digest of its package', async () => {
    const places = packageOf('nets', model(GOOD));
    const { stages } = await resolvePackages(imported('nets/net'), places);
    expect(stages['a']?.params).toMatchObject({
      architecture: {
        with: { width: 4 },
        resolved: { imageSize: 8, channels: 1, classes: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    });
  });

  it.each([
    [
      'nets-a',
      GOOD,
      imported('nets-a/nte'),
      'InvalidSpec',
      'stages.a.params.architecture.uses',
      'nets-a/nte',
    ],
    [
      'nets-b',
      GOOD,
      imported('nets-b/net', { depth: 1 }),
      'InvalidSpec',
      'stages.a.params.architecture.with.depth',
      'unknown',
    ],
    [
      'nets-c',
      '() => ({ imageSize: 8 })',
      imported('nets-c/net'),
      'InvalidConfig',
      'model nets-c/net',
      'weights',
    ],
  ])('is refused by its field (%s)', async (name, architecture, asking, code, where, actual) => {
    const places = packageOf(name, model(architecture));
    await expect(resolvePackages(asking, places)).rejects.toMatchObject({
      code,
      details: { where, actual: expect.stringContaining(actual) },
    });
  });

  it("is refused beside a ViT of one's own", () => {
    const architecture = { uses: 'nets/net' };
    const stages = {
      a: { kind: 'import-model', params: { source: '/w', model: { width: 12 }, architecture } },
    };
    expect(() => parsePipelineSpec({ version: 1, name: 'x', stages })).toThrow(/valid pipeline/);
  });
});
