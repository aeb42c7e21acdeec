import { describe, expect, it } from 'vitest';
import { executeWithin } from './steps.mjs';

const program = (text: string): [string, readonly string[]] => [process.execPath, ['-e', text]];

describe('a step of the gate', () => {
  it('has the exit code of its command', async () => {
    expect(await executeWithin(60_000, ...program('process.exit(7)'))).toBe(7);
  });

  it('is ended, with all that it started, when it hangs', async () => {
    const child = `require('node:child_process').spawnSync(process.execPath, ['-e', 'for (;;) {}'])`;
    expect(await executeWithin(500, ...program(child))).toBe(128);
  });
});
