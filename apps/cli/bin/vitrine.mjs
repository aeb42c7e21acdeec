#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} path */
const there = (path) => existsSync(fileURLToPath(new URL(path, import.meta.url)));

if (there('../../../node_modules') && there('../dist/main.mjs')) {
  await import(new URL('../dist/main.mjs', import.meta.url).href);
} else {
  process.stderr.write(
    [
      'NotBuilt: the vitrine command is not set up yet',
      `  where:    ${fileURLToPath(new URL('../../..', import.meta.url))}`,
      `  expected: node_modules and apps/cli/dist/main.mjs`,
      '  to do:    run `npm start -- --setup-only` there; it installs and builds everything.',
      '',
    ].join('\n'),
  );
  process.exitCode = 1;
}
