import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isRunning, processIdentity } from './process-identity.js';

describe('a process identity', () => {
  it('is stable while the process lives and void once it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const { pid } = child;
    if (pid === undefined) throw new Error('not started');
    const identity = processIdentity(pid);
    if (!identity) throw new Error('no identity');
    expect(processIdentity(pid)).toEqual(identity);
    expect(isRunning(identity)).toBe(true);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(isRunning(identity)).toBe(false);
  });

  it('is not that of a later process with the same number', () => {
    expect(isRunning({ pid: process.pid, started: 'another boot:1' })).toBe(false);
  });

  it('does not exist for a number without a process', () => {
    expect(processIdentity(2 ** 22 + 1)).toBeUndefined();
  });
});
