import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly nx?: { readonly tags?: readonly string[] };
}

function git(...args: string[]): string[] {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(`${root}${path}`, 'utf8')) as Manifest;
}

const manifests = git('ls-files', '*package.json').filter(
  (path) => path !== 'package.json' && !path.includes('testdata'),
);

describe('the workspace', () => {
  it.each(manifests)('%s has exactly one layer tag', (path) => {
    const tags = (manifest(path).nx?.tags ?? []).filter((tag) => tag.startsWith('layer:'));
    expect(tags, `${path}: a package without a layer tag may import anything`).toHaveLength(1);
  });

  it('has four folders at the top and nothing else that is not a root file', () => {
    const folders = git('ls-tree', '-d', '--name-only', 'HEAD').filter((name) => !name.startsWith('.'));
    expect(folders).toEqual(['activities', 'apps', 'infra', 'workflows']);
  });

  it('names no registry host in the lock file', () => {
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
      packages: Record<string, { resolved?: string; link?: boolean }>;
    };
    const named = Object.entries(lock.packages).filter(([, entry]) => entry.resolved?.includes('://'));
    expect(named.map(([name]) => name)).toEqual([]);
  });
});
