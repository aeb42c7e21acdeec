import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { STAGE_KINDS } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('code-version.mjs', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/vitrine-code-version-', import.meta.url));

const SOURCES = {
  'entry.ts': `import { z } from 'zod';
    import { shared } from './shared.js';
    const kinds = { one: () => import('./one.stage.js'), two: () => import('./two.stage.js') };
    console.log(shared, z, kinds);`,
  'shared.ts': 'export const shared = 1;',
  'one.stage.ts': "import { helper } from './helper.js'; export const one = helper;",
  'two.stage.ts': "export const two = new URL('./thread.mjs', import.meta.url);",
  'helper.ts': 'export const helper = 1;',
  'thread.ts': 'console.log(1);',
};

describe('the version of the code of a stage kind', () => {
  let folder: string;
  beforeEach(async () => {
    await mkdir(dirname(cache), { recursive: true });
    folder = await mkdtemp(cache);
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Versions by kind, with files changed. */
  const versions = async (changes: Partial<Record<keyof typeof SOURCES, string>> = {}) => {
    for (const [path, text] of Object.entries({ ...SOURCES, ...changes }))
      await writeFile(join(folder, path), text);
    const run = promisify(execFile);
    await run(process.execPath, [script, 'versions.json', 'entry.ts', 'thread.ts'], { cwd: folder });
    return JSON.parse(await readFile(join(folder, 'versions.json'), 'utf8'));
  };

  it('follows what the kind contains, and nothing else', async () => {
    const before = await versions();
    expect(before).toEqual({
      codeVersion: expect.stringMatching(/^[0-9a-f]{64}$/),
      kinds: { one: expect.stringMatching(/^[0-9a-f]{64}$/), two: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const changed = async (changes: Parameters<typeof versions>[0]) => {
      const { kinds } = await versions(changes);
      return Object.keys(kinds).filter((kind) => kinds[kind] !== before.kinds[kind]);
    };
    expect(await changed({})).toEqual([]);
    expect(await changed({ 'helper.ts': 'export const helper = 2;' })).toEqual(['one']);
    expect(await changed({ 'thread.ts': 'console.log(2);' })).toEqual(['two']);
    expect(await changed({ 'shared.ts': 'export const shared = 2;' })).toEqual(['one', 'two']);
    expect(await changed({ 'shared.ts': '// why\n\nexport const shared = 1;\n' })).toEqual([]);
  }, 60_000);

  it('is there for every kind of ours', async () => {
    const stages = fileURLToPath(new URL('../../activities/stages', import.meta.url));
    const file = join(folder, 'ours.json');
    const run = promisify(execFile);
    await run(process.execPath, [script, file, 'src/job/entry.ts', 'src/prefetch/batch-thread.ts'], {
      cwd: stages,
    });
    const { kinds } = JSON.parse(await readFile(file, 'utf8'));
    expect(Object.keys(kinds).sort()).toEqual([...STAGE_KINDS].sort());
  }, 60_000);
});
