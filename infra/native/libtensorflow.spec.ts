import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchLibtensorflow, findLibtensorflow } from './libtensorflow.mjs';
import { TENSORFLOW } from './pins.mjs';
import { describeProblem } from './problem.mjs';
import { createProgress } from './progress.mjs';

const { signal } = new AbortController();

describe('libtensorflow', () => {
  let folder: string;
  let cache: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-tensorflow-'));
    cache = join(folder, 'cache');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const find = (dir?: string) =>
    findLibtensorflow({
      cache,
      device: 'cpu',
      env: dir === undefined ? {} : { VITRINE_LIBTENSORFLOW_DIR: dir },
    });

  const files = async (content: Record<string, string>) => {
    for (const [path, text] of Object.entries(content)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };

  it('is not there in an empty cache', async () => {
    expect(await find()).toBeUndefined();
  });

  it('of the user is found in the layout of the C distribution, with version and digest', async () => {
    await files({
      'own/lib/libtensorflow.so.2': 'a library that opens libcudart.so',
      'own/lib/libtensorflow_framework.so.2': 'another',
      'own/include/tensorflow/c/c_api.h': '',
      'own/include/tensorflow/core/public/release_version.h':
        '#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 20\n#define TF_PATCH_VERSION 1\n',
    });
    const found = await find(join(folder, 'own'));
    expect(found).toMatchObject({
      dir: join(folder, 'own', 'lib'),
      include: join(folder, 'own', 'include'),
      libraries: ['libtensorflow.so.2', 'libtensorflow_framework.so.2'],
      version: '2.20.1',
      device: 'cuda',
      source: 'env',
    });
    expect(found?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await find(join(folder, 'own', 'lib'))).toEqual(found);
    await files({ 'own/lib/libtensorflow.so.2': 'a library without' });
    expect(await find(join(folder, 'own'))).toMatchObject({ device: 'cpu' });
  });

  it('of the user that is not in the named folder is refused by name', async () => {
    const text = await find(folder).catch(describeProblem);
    expect(text).toContain('VITRINE_LIBTENSORFLOW_DIR names a folder without libtensorflow');
    expect(text).toContain(`where:    ${folder}`);
    expect(text).toContain('libtensorflow_cc.so.2');
    expect(text).toContain('to do:');
  });

  it('from a folder of wheels must have the pinned digest', async () => {
    const file = TENSORFLOW.cpu.wheels[0]?.file ?? '';
    await files({ [`wheels/${file}`]: 'not the wheel' });
    const progress = createProgress({ write: () => true });
    const env = { ...process.env, PIP_FIND_LINKS: join(folder, 'wheels') };
    const task = progress.start('libtensorflow');
    const text = await fetchLibtensorflow({ cache, device: 'cpu', env, task, signal }).catch(describeProblem);
    expect(text).toContain('A wheel in a find-links folder is not the pinned one');
    expect(text).toContain(join(folder, 'wheels', file));
    expect(text).toContain(`expected: sha256 ${TENSORFLOW.cpu.wheels[0]?.sha256}`);
    expect(await readdir(cache)).toEqual([]);
  });

  it('is unpacked without what is not needed, programs staying executable', async () => {
    const wheel = join(folder, 'part.whl');
    const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
  for n in sys.argv[2:]:
    i = zipfile.ZipInfo(n)
    i.external_attr = (0o755 if 'bin' in n else 0o644) << 16
    z.writestr(i, n)`;
    execFileSync('python3', [
      '-c',
      script,
      wheel,
      'a/x.so',
      'a/x.so.py',
      'b/lib/y.so',
      'b/bin/run',
      'bc/z.so',
    ]);
    const unpack = fileURLToPath(new URL('unpack.py', import.meta.url));
    execFileSync('python3', [unpack, wheel, join(folder, 'out'), 'a/x.so', 'b/']);
    const unpacked = (await readdir(join(folder, 'out'), { recursive: true })).toSorted();
    expect(unpacked).toEqual(['a', 'a/x.so', 'b', 'b/bin', 'b/bin/run', 'b/lib', 'b/lib/y.so']);
    const modes = ['b/bin/run', 'b/lib/y.so'].map(
      async (path) => (await stat(join(folder, 'out', path))).mode & 0o100,
    );
    expect(await Promise.all(modes)).toEqual([0o100, 0]);
    expect(await readFile(join(folder, 'out', 'b', 'lib', 'y.so'), 'utf8')).toBe('b/lib/y.so');
  });
});
