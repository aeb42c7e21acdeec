import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const web = fileURLToPath(new URL('../../apps/web/', import.meta.url));

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(`${web}${name}`, 'utf8'));

/** Files that an entry brings in at once, its styles among them. */
function filesOf(manifest: Readonly<Record<string, Chunk>>, entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set([entry]);
  for (const name of seen) {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`the page has no part ${name}: build it with npm run build`);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file);
    for (const imported of chunk.imports ?? []) seen.add(imported);
  }
  return found;
}

function kilobytes(files: Iterable<string>): number {
  return (
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${web}dist/${file}`)).length, 0) / 1000
  );
}

describe('the size of the page', () => {
  const manifest = read('dist/manifest.json') as Record<string, Chunk>;
  const budget = read('size-budget.json') as Record<string, number>;
  const first = filesOf(manifest, 'index.html');

  it.each(Object.entries(budget))('of %s is at most %d KB, compressed', (entry, most) => {
    const files = [...filesOf(manifest, entry)].filter((file) => entry === 'index.html' || !first.has(file));
    expect(kilobytes(files)).toBeLessThanOrEqual(most);
  });

  it('is bounded for every part that is loaded on demand', () => {
    const parts = Object.values(manifest).flatMap(({ dynamicImports }) => dynamicImports ?? []);
    expect([...new Set(['index.html', ...parts])].sort()).toEqual(Object.keys(budget).sort());
  });
});
