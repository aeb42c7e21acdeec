import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { classifyExit } from './classify-exit.js';
import { createMemoryGuard, judge, type OomVerdict } from './memory-guard.js';

const LIMIT = 128 * 2 ** 20;

/** Eats memory once it is told to, so that it is in its group by then. */
const EATER = `process.stdin.once('data', () => { const eaten = []; for (;;) eaten.push(Buffer.alloc(2 ** 24, 1)); })`;
const KILLED_BY_OTHERS = `process.stdin.once('data', () => process.kill(process.pid, 'SIGKILL'))`;

/** Runs a process under a limit to its end. `undefined` where this machine lets us make no memory group. */
async function underLimit(program: string): Promise<{ verdict: OomVerdict; signal: string } | undefined> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'ignore', 'ignore'] });
  const watch = createMemoryGuard().watch(child.pid ?? 0, LIMIT);
  try {
    if (!watch.limited) {
      child.kill('SIGKILL');
      return undefined;
    }
    child.stdin.write('go\n');
    const [, signal] = (await once(child, 'exit')) as [number | null, string];
    return { verdict: watch.verdict(), signal };
  } finally {
    watch.release();
  }
}

/** Where no group can be made, only what follows from the kernel's word can be tested, not the word itself. */
const WITHOUT_GROUP = {
  eater: { verdict: judge({ pid: 1, records: undefined, kills: 1 }), signal: 'SIGKILL' },
  other: { verdict: judge({ pid: 1, records: undefined, kills: 0 }), signal: 'SIGKILL' },
};

describe('a process with a memory limit', { timeout: 60_000 }, () => {
  it("is out of memory by the kernel's word when it takes more", async () => {
    const real = await underLimit(EATER);
    if (!real)
      process.stdout.write('no memory group can be made here: the classification alone was tested\n');
    const { verdict, signal } = real ?? WITHOUT_GROUP.eater;
    expect(signal).toBe('SIGKILL');
    expect(verdict.outOfMemory).toBe(true);
    if (real) expect(verdict.peakBytes).toBeGreaterThan(LIMIT / 2);
    const end = { code: null, signal: 'SIGKILL', memory: verdict, limitBytes: LIMIT } as const;
    expect(classifyExit({ ...end, stderrTail: [], where: 'here' }).code).toBe('OutOfMemory');
  });

  it('is not when somebody else killed it', async () => {
    const { verdict, signal } = (await underLimit(KILLED_BY_OTHERS)) ?? WITHOUT_GROUP.other;
    expect(signal).toBe('SIGKILL');
    expect(verdict.outOfMemory).toBe(false);
  });
});
