import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('bundle.mjs', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/vitrine-bundle-', import.meta.url));

describe('a bundle', () => {
  let folder: string;
  beforeEach(async () => {
    await mkdir(dirname(cache), { recursive: true });
    folder = await mkdtemp(cache);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const files = async (content: Record<string, string>) => {
    for (const [path, text] of Object.entries(content)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const bundle = (...args: string[]) =>
    new Promise<{ code: number; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [script, ...args],
        { cwd: folder },
        (_error, _stdout, stderr) => resolve({ code: child.exitCode ?? -1, stderr }),
      );
    });
  const read = (path: string) => readFile(join(folder, path), 'utf8');

  it('holds the workspace and leaves what comes from npm outside', async () => {
    await files({
      'src/main.ts': `import { existsSync } from 'node:fs'; import { z } from 'zod';
        import { CONTROL_QUEUE } from '@vitrine/contracts/names'; console.log(existsSync, z, CONTROL_QUEUE);`,
    });
    expect(await bundle('src/main.ts', 'dist/main.mjs')).toEqual({ code: 0, stderr: '' });
    const text = await read('dist/main.mjs');
    expect(text).toContain('from "zod"');
    expect(text).toContain('vitrine.control');
    expect(text).not.toContain('@vitrine/contracts');
    expect(JSON.parse(await read('dist/main.mjs.map')).sources).toContain('../src/main.ts');
  });

  it('is refused when it would see another copy of a package than its source does', async () => {
    await files({
      'src/main.ts': "import './inner/part.js';",
      'src/inner/part.ts': "import { z } from 'zod'; console.log(z);",
      'src/inner/node_modules/zod/package.json': '{ "name": "zod", "version": "0.0.1" }',
    });
    const { code, stderr } = await bundle('src/main.ts', 'dist/main.mjs');
    expect(code).toBe(1);
    expect(stderr).toContain('src/inner/node_modules/zod');
    expect(stderr).toContain('Give all packages of the workspace the same version of it.');
  });

  it('is refused when a package is not installed or a file lacks', async () => {
    await files({ 'main.ts': "import 'no-such-package';" });
    const { code, stderr } = await bundle('main.ts', 'dist/main.mjs');
    expect(code).toBe(1);
    expect(stderr).toContain('means no installed package');
    expect((await bundle('nowhere.ts', 'dist/main.mjs')).code).toBe(1);
  });
});
