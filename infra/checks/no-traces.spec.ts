import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = /\.(png|webp|safetensors|bin|br|gz|db)$/;
/** Mode in git's list; what a link leads to is listed itself. */
const LINK = '120000';
const files = execFileSync('git', ['ls-files', '--stage'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((line) => !line.startsWith(LINK))
  .map((line) => line.slice(line.indexOf('\t') + 1))
  .filter((path) => path && !binary.test(path) && !path.endsWith('no-traces.spec.ts'));

const forbidden: readonly [what: string, pattern: RegExp][] = [
  ['a path of one machine', /(?<![\w./-])\/(root|home\/(?!someone)\w+|Users\/\w+)\/[\w.-]+/],
  ['a task without an issue', /\b(TODO|FIXME|XXX)\b(?!.*#\d+)/],
  ['a skipped or focused test', /\b(it|test|describe)\.(skip|only|todo)\b/],
  ['a secret key', /-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}/],
];

describe('the committed files', () => {
  it.each(forbidden)('hold no trace of %s', (_what, pattern) => {
    const found = files.filter((path) => pattern.test(readFileSync(join(root, path), 'utf8')));
    expect(found).toEqual([]);
  });
});
