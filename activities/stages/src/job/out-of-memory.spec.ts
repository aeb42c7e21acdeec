import { fileURLToPath } from 'node:url';
import { failureRules, stageJobSchema } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { classifyExit } from './classify-exit.js';
import { runStageProcess } from './host.js';
import { createMemoryGuard, judge, type MemoryGuard } from './memory-guard.js';

const entry = fileURLToPath(new URL('../../testdata/children/scripted.mjs', import.meta.url));

/** Says whether limits are held here; where they are not, the process is killed before it takes all the memory there is. */
function safeGuard(): { guard: MemoryGuard; isHeld: () => boolean } {
  const guard = createMemoryGuard();
  let held = true;
  const watch: MemoryGuard['watch'] = (pid, limitBytes) => {
    const begun = guard.watch(pid, limitBytes);
    held = begun.limited;
    if (!held) process.kill(pid, 'SIGKILL');
    return begun;
  };
  return { guard: { watch }, isHeld: () => held };
}

/** Runs a stage process that may take 128 MB; gives what it failed with. */
async function failureOf(behaviour: string, memory: MemoryGuard): Promise<unknown> {
  const job = stageJobSchema.parse({
    project: 'default',
    runId: 'run-1',
    stage: 'one',
    kind: 'noop',
    pool: 'default',
    seed: 0,
    params: {},
    inputs: {},
    resources: { memoryMegabytes: 128 },
    timeouts: {},
    codeVersion: 'code',
  });
  const run = runStageProcess({
    entry,
    start: {
      type: 'start',
      job,
      numerics: { threads: 1, precision: 'float32', execution: 'captured' },
      owner: 'host:1',
      failures: [...failureRules([], [])],
    },
    environment: { PATH: process.env['PATH'] ?? '', BEHAVIOUR: behaviour },
    signal: new AbortController().signal,
    stopReason: () => 'Cancelled',
    graceMilliseconds: 100,
    memory,
    onReport: () => undefined,
    onLog: () => undefined,
  });
  return run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a stage with a memory limit', { timeout: 60_000 }, () => {
  it("has run out of memory by the kernel's word when it takes more", async () => {
    const { guard, isHeld } = safeGuard();
    const failure = await failureOf('eats', guard);
    if (isHeld()) {
      expect(failure).toMatchObject({
        code: 'OutOfMemory',
        details: {
          where: 'run run-1, stage one, train, step 5 of 9',
          expected: 'at most 128 MB (resources.memoryMegabytes)',
          actual: expect.stringMatching(/^oom_kill 1 in the memory group of the process, peak \d+ MB$/),
        },
      });
      return;
    }
    // No memory group can be made here: what follows from the kernel's word is tested without the kernel.
    process.stdout.write('no memory group can be made here: the classification alone was tested\n');
    expect(failure).toMatchObject({ code: 'StageInterrupted' });
    const memory = judge({ pid: 1, records: undefined, kills: 1 });
    const rules = failureRules([], []);
    const end = { code: null, signal: 'SIGKILL', memory, stderrTail: [], rules, where: 'here' } as const;
    expect(classifyExit(end).code).toBe('OutOfMemory');
  });

  it('was killed by somebody when the kernel did not do it', async () => {
    expect(await failureOf('killed', createMemoryGuard())).toMatchObject({ code: 'StageInterrupted' });
  });
});
