import type { Progress } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { classifyExit, type ChildEnd } from './classify-exit.js';

const progress: Progress = {
  phase: 'synthesize round 3',
  step: 12,
  total: 40,
  stepsPerSecond: 1,
  etaSeconds: 28,
  metrics: {},
};

function classify(end: Partial<ChildEnd>) {
  return classifyExit({ code: null, signal: null, stderrTail: [], where: 'run r, stage s', ...end });
}

const byKernel = { outOfMemory: true, evidence: 'the log names the process', peakBytes: 2 ** 29 };
const byNobody = { outOfMemory: false, evidence: 'the log does not name the process' };

describe('the end of a stage process', () => {
  it.each([{ signal: 'SIGKILL' as const }, { code: 137 }])(
    'is out of memory when the kernel says so: %o',
    (end) => {
      const error = classify({ ...end, memory: byKernel, limitBytes: 2 ** 28, lastProgress: progress });
      expect(error.toView()).toMatchObject({
        code: 'OutOfMemory',
        where: 'run r, stage s, synthesize round 3, step 12 of 40',
        expected: 'at most 256 MB (resources.memoryMegabytes)',
        actual: 'the log names the process, peak 512 MB',
        hint: expect.stringContaining('batch size'),
      });
    },
  );

  it.each([{ signal: 'SIGKILL' as const }, { code: 137 }])(
    'is a kill when the kernel denies it: %o',
    (end) => {
      expect(classify({ ...end, memory: byNobody }).code).toBe('ChildKilled');
      expect(classify(end).code).toBe('ChildKilled');
    },
  );

  it('is not out of memory when it ended otherwise, though others were killed for memory', () => {
    expect(classify({ code: 1, memory: byKernel }).code).toBe('StageFailed');
    expect(classify({ signal: 'SIGSEGV', memory: byKernel }).code).toBe('StageFailed');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)("is somebody's doing after %s", (signal) => {
    expect(classify({ signal }).code).toBe('ChildKilled');
  });

  it.each(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL'] as const)(
    'is its own crash after %s',
    (signal) => {
      const error = classify({ signal, stderrTail: ['Check failed: x > 0'] });
      expect(error.code).toBe('StageFailed');
      expect(error.details.actual).toBe(`ended by ${signal}\nCheck failed: x > 0`);
    },
  );

  it.each([0, 1, 134])('without a result is its own failure with exit code %i', (code) => {
    expect(classify({ code })).toMatchObject({
      code: 'StageFailed',
      details: { actual: `exit code ${code}` },
    });
  });
});
