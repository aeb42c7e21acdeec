import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packFolder, unpackFolder, type PackOptions } from './folder-archive.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-pack-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, name, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text);
  }
  return join(root, name);
}

async function packed(path: string, options?: PackOptions): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await packFolder(path, options)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a packed folder', () => {
  it('is the same bytes for the same contents, whenever and in whatever order they were written', async () => {
    const a = folder('a', { 'x.py': '1', 'lib/y.py': '2', '@z': '3' });
    const b = folder('b', { '@z': '3', 'lib/y.py': '2', 'x.py': '1' });
    utimesSync(join(b, 'x.py'), 1, 1);
    chmodSync(join(b, 'x.py'), 0o600);
    expect(await packed(a)).toEqual(await packed(b));
  });

  it('is other bytes for other contents', async () => {
    const a = folder('a', { 'x.py': '1' });
    const b = folder('b', { 'x.py': '2' });
    expect(await packed(a)).not.toEqual(await packed(b));
  });

  it('is unpacked from bytes of any kind', async () => {
    const bytes = Uint8Array.from(await packed(folder('a', { 'x.py': '1' })));
    const target = join(root, 'target');
    await unpackFolder(
      target,
      (async function* () {
        yield await Promise.resolve(bytes);
      })(),
    );
    expect(readFileSync(join(target, 'x.py'), 'utf8')).toBe('1');
  });

  it('is unpacked to what it was, modes included', async () => {
    const a = folder('a', { 'x.sh': '1', 'lib/y.py': '2', '@z': '3' });
    chmodSync(join(a, 'x.sh'), 0o755);
    const target = join(root, 'target');
    await unpackFolder(target, await packFolder(a));
    expect(readFileSync(join(target, 'lib/y.py'), 'utf8')).toBe('2');
    expect(readFileSync(join(target, '@z'), 'utf8')).toBe('3');
    expect(await packed(target)).toEqual(await packed(a));
  });

  it('may be empty', async () => {
    mkdirSync(join(root, 'none'));
    const target = join(root, 'target');
    await unpackFolder(target, await packFolder(join(root, 'none')));
    expect(await packed(target)).toEqual(await packed(join(root, 'none')));
  });

  it('leaves out names at any depth, and holds what links lead to', async () => {
    const a = folder('a', { 'x.py': '1', 'lib/venv/big': '2', 'lib/y.py': '3' });
    writeFileSync(join(root, 'beside.py'), 'beside');
    symlinkSync(join(root, 'beside.py'), join(a, 'linked.py'));
    const same = folder('b', { 'x.py': '1', 'lib/y.py': '3', 'linked.py': 'beside' });
    expect(await packed(a, { exclude: ['venv'] })).toEqual(await packed(same));
  });

  it('is refused, and takes nobody along, when its files vanish meanwhile', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}`, 'x'.repeat(70_000)]));
    const a = folder('a', files);
    const pieces = (await packFolder(a))[Symbol.asyncIterator]();
    await pieces.next();
    rmSync(a, { recursive: true });
    const rest = async (): Promise<void> => {
      while (!(await pieces.next()).done) continue;
    };
    await expect(rest()).rejects.toMatchObject({ code: 'NotFound', details: { where: a } });
  });

  it('is refused when it is not there, leads in a circle, or is too large', async () => {
    await expect(packFolder(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'NotFound' });
    const a = folder('a', { 'x.py': '12345' });
    await expect(packFolder(a, { limitBytes: 4 })).rejects.toMatchObject({
      code: 'InvalidSpec',
      details: { actual: '5 bytes' },
    });
    symlinkSync(a, join(a, 'again'));
    await expect(packFolder(a)).rejects.toMatchObject({ code: 'NotFound' });
  });
});
