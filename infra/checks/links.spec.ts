import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);

/** Targets of links and pictures that lie in the repository, and paths written as code such as `infra/native/setup.mjs`. */
function localTargets(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const linked = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) =>
    join(dirname(page), target ?? ''),
  );
  const named = [...text.matchAll(/`((?:workflows|activities|apps|infra)\/[\w./-]+\.\w+)`/g)].map(
    ([, target]) => target ?? '',
  );
  return [...linked.filter((target) => !/^[a-z]+:/.test(target) && !target.includes(':/')), ...named];
}

describe('the documentation', () => {
  it('is found by this test', () => {
    expect(pages).toContain('README.md');
  });

  it.each(pages)('%s points only at files that exist', (page) => {
    const built = (target: string): boolean => target.includes('/dist/');
    expect(localTargets(page).filter((target) => !built(target) && !existsSync(join(root, target)))).toEqual(
      [],
    );
  });
});
