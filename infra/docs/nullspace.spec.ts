import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PAGE = new URL('nullspace.md', import.meta.url);

/** Number, file and title of every row of the table of known answers. */
const rows = [
  ...readFileSync(PAGE, 'utf8').matchAll(/^\| (\d+) +\|.*\| \[`[\w.-]+`\]\(([\w./-]+)\): (.+?) *\|$/gm),
].map(([, number, file = '', title = '']) => ({ number: Number(number), file, title }));

describe('the table of known answers of the nullspace method', () => {
  it('has all twenty-five', () => {
    const numbers = new Set(rows.map(({ number }) => number));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
  });

  it.each(rows)('$number: "$title" is the title of a test that is not skipped', ({ file, title }) => {
    const text = readFileSync(new URL(file, PAGE), 'utf8');
    expect([`'${title}'`, `"${title}"`].some((quoted) => text.includes(quoted))).toBe(true);
    expect(text).not.toMatch(/\b(?:it|describe)\.(?:skip|todo|only)\b/);
  });
});
