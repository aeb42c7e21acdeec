import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Environment } from '@vitrine/config';
import type { Context } from '../context.js';
import { Terminal } from '../terminal.js';

export interface TestContext extends Context {
  readonly stateDir: string;
  /** What was written so far. */
  out(): string;
  errors(): string;
  remove(): void;
}

/** A command line on a fresh state folder that writes into memory. */
export function testContext(env: Environment = {}): TestContext {
  const stateDir = mkdtempSync(join(tmpdir(), 'vitrine-cli-'));
  const written = { out: '', errors: '' };
  const stream = (name: 'out' | 'errors') => ({
    write: (text: string | Uint8Array) => {
      written[name] += String(text);
    },
  });
  const own = { VITRINE_STATE_DIR: stateDir, VITRINE_CACHE_DIR: join(stateDir, 'cache') };
  const environment = { PATH: process.env.PATH ?? '', ...own, ...env };
  return {
    env: environment,
    terminal: new Terminal(stream('out'), stream('errors'), environment),
    entry: 'not-started',
    version: '0.0.0-test',
    config: () => readConfig(environment),
    stateDir,
    out: () => written.out,
    errors: () => written.errors,
    remove: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}
