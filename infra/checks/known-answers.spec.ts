import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));

/** Pages with a table of known answers, and how many there are of them. */
const TABLES = [['denoised-smoothing.md', 25]] as const;

const ROW = /^\| *(T\d+)? *\|[^|]*\| \[`[^`]+`\]\(([^)]+)\): (.+?) *\|$/;

/** Rows of the table: number (that of the row above, where there is none), file and title of a test. */
function rowsOf(page: string): { number: string; file: string; title: string }[] {
  let number = '';
  return readFileSync(join(docs, page), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, first, file = '', title = ''] = ROW.exec(line) ?? [];
      number = first ?? number;
      return file === '' ? [] : [{ number, file, title }];
    });
}

describe.each(TABLES)('the known answers of %s', (page, count) => {
  const rows = rowsOf(page);

  it('have a test each', () => {
    const numbers = [...new Set(rows.map(({ number }) => number))];
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => `T${i + 1}`));
  });

  it.each(rows)('$number: $title', ({ file, title }) => {
    const quoted = (sign: string): string => `${sign}${title}${sign}`;
    const text = readFileSync(join(docs, file), 'utf8');
    expect(["'", '"', '`'].some((sign) => text.includes(quoted(sign)))).toBe(true);
  });
});
