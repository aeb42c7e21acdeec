import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStores } from '@vitrine/artifact-store';
import { parsePipelineSpec, type PipelineSpec } from '@vitrine/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { packSources } from './pack-sources.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const artifacts = createMemoryStores().artifacts('default');
const here = { artifacts, readsFolders: true };

function pipeline(source: object): PipelineSpec {
  const mine = { kind: 'command', params: { argv: ['x'], source } };
  return parsePipelineSpec({ version: 1, name: 'x', stages: { mine, other: { kind: 'noop' } } });
}

describe('the source of a program', () => {
  it('becomes an artifact of its contents, and other contents another', async () => {
    writeFileSync(join(folder, 'a.py'), '1');
    const [first, again] = [
      await packSources(pipeline({ folder }), here),
      await packSources(pipeline({ folder }), here),
    ];
    expect(first).toEqual(again);
    const stage = first.stages['mine'];
    expect(stage?.kind === 'command' && stage.params.source).toMatchObject({ artifact: { type: 'folder' } });
    expect(await packSources(first, here)).toEqual(first);
    writeFileSync(join(folder, 'a.py'), '2');
    expect(await packSources(pipeline({ folder }), here)).not.toEqual(first);
  });

  it('is refused by its field when it cannot be read', async () => {
    await expect(packSources(pipeline({ folder: '/no/such/folder' }), here)).rejects.toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'stages.mine.params.source.folder',
        actual: expect.stringContaining('/no/such/folder'),
      },
    });
  });

  it('is refused by its field when it is an artifact that the store does not have', async () => {
    const packed = await packSources(pipeline({ folder }), here);
    const elsewhere = { artifacts: createMemoryStores().artifacts('default'), readsFolders: true };
    await expect(packSources(packed, elsewhere)).rejects.toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'stages.mine.params.source.artifact' },
    });
  });

  it('is refused by an API that others reach, whose folders are not theirs to read', async () => {
    const away = { artifacts, readsFolders: false };
    await expect(packSources(pipeline({ folder }), away)).rejects.toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'stages.mine.params.source.folder' },
    });
    const packed = await packSources(pipeline({ folder }), here);
    expect(await packSources(packed, away)).toEqual(packed);
  });
});
