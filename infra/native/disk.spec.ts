import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSpace } from './disk.mjs';
import { describeProblem } from './problem.mjs';

const needs = [
  {
    what: 'libtensorflow',
    path: join(tmpdir(), 'not', 'yet', 'there'),
    bytes: 1_200_000_000,
    variable: 'VITRINE_CACHE_DIR',
  },
  { what: 'the Go build', path: join(tmpdir(), 'go'), bytes: 800_000_000, variable: 'GOCACHE' },
];

describe('the free space', () => {
  it('is summed over all that comes to one file system, and the error says what for, where and what there is', async () => {
    const text = await checkSpace(needs, () => Promise.resolve(500_000_000)).catch(describeProblem);
    expect(text).toContain('The disk has too little space');
    expect(text).toContain(`where:    ${tmpdir()}`);
    expect(text).toContain('expected: 2.00 GB free (1.20 GB for libtensorflow in ');
    expect(text).toContain('800 MB for the Go build');
    expect(text).toContain('actual:   500 MB free');
    expect(text).toContain(
      'Free 1.50 GB there, or name a folder on another disk with VITRINE_CACHE_DIR or GOCACHE.',
    );
  });

  it('that suffices is no matter', async () => {
    await expect(checkSpace(needs, () => Promise.resolve(2_000_000_000))).resolves.toBeUndefined();
    await expect(checkSpace([])).resolves.toBeUndefined();
  });

  it('is asked of the real file system', async () => {
    const [need] = needs;
    await expect(checkSpace(need ? [{ ...need, bytes: Number.MAX_SAFE_INTEGER }] : [])).rejects.toThrow(
      'too little space',
    );
  });
});
