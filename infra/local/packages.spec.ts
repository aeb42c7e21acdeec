import { describe, expect, it } from 'vitest';
import { npmCommand, staleReason } from './packages.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'apps/cli': { version: '0.1.0' },
    'node_modules/@vitrine/cli': { resolved: 'apps/cli', link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-for-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
  },
};
const { '': _root, 'node_modules/a-for-windows': _windows, ...installed } = wanted.packages;

describe('what npm has installed', () => {
  it('is right when all of the lock file is there, but for what other systems need', () => {
    expect(staleReason(wanted, { packages: installed })).toBeUndefined();
  });

  it('is stale when a package lacks', () => {
    const { 'node_modules/a': _gone, ...rest } = installed;
    expect(staleReason(wanted, { packages: rest })).toBe('node_modules/a is not installed');
  });

  it('is stale when a package has another version or other content', () => {
    const older = { version: '0.9.0', integrity: 'sha512-o' };
    expect(staleReason(wanted, { packages: { ...installed, 'node_modules/a': older } })).toBe(
      'node_modules/a is 0.9.0, the lock file says 1.0.0',
    );
    const other = { version: '1.0.0', integrity: 'sha512-x' };
    expect(staleReason(wanted, { packages: { ...installed, 'node_modules/a': other } })).toBeDefined();
  });
});

describe('npm', () => {
  it('is the one that started this, else the one on PATH', () => {
    expect(npmCommand({ npm_execpath: '/x/npm/bin/npm-cli.js' })).toEqual({
      command: process.execPath,
      args: ['/x/npm/bin/npm-cli.js'],
    });
    expect(npmCommand({ npm_execpath: '/x/yarn.js' })).toEqual({ command: 'npm', args: [] });
    expect(npmCommand({})).toEqual({ command: 'npm', args: [] });
  });
});
