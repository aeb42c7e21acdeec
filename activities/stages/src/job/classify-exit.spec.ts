import { failureRules, VitrineError, type FailureRule, type Progress } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { classifyExit, classifyUnknown, type ChildEnd } from './classify-exit.js';

const progress: Progress = {
  phase: 'synthesize round 3',
  step: 12,
  total: 40,
  stepsPerSecond: 1,
  etaSeconds: 28,
  metrics: {},
};

function classify(end: Partial<ChildEnd>) {
  const where = 'run r, stage s';
  return classifyExit({
    code: null,
    signal: null,
    stderrTail: [],
    rules: failureRules([], []),
    where,
    ...end,
  });
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
      expect(classify({ ...end, memory: byNobody }).code).toBe('StageInterrupted');
      expect(classify(end).code).toBe('StageInterrupted');
    },
  );

  it('is not out of memory when it ended otherwise, though others were killed for memory', () => {
    expect(classify({ code: 1, memory: byKernel }).code).toBe('StageFailed');
    expect(classify({ signal: 'SIGSEGV', memory: byKernel }).code).toBe('StageFailed');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)("is somebody's doing after %s", (signal) => {
    expect(classify({ signal }).code).toBe('StageInterrupted');
  });

  it.each(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL'] as const)(
    'is its own crash after %s',
    (signal) => {
      const error = classify({ signal, stderrTail: ['Check failed: x > 0'] });
      expect(error.code).toBe('StageFailed');
      expect(error.details.actual).toBe(`ended by ${signal}\nCheck failed: x > 0`);
    },
  );

  it.each<[string, FailureRule, Partial<ChildEnd>, string]>([
    ['an exit code', { exitCodes: [9], then: 'stop', because: 'nine is final' }, { code: 9 }, 'StageRefused'],
    [
      'a signal, also one that the shipped rules judge',
      { signals: ['SIGKILL'], then: 'retry-own', because: 'it kills itself' },
      { signal: 'SIGKILL' },
      'StageFailed',
    ],
    [
      'a line of its log',
      { logPattern: '^Xid 79', then: 'retry-elsewhere', because: 'the card is loose' },
      { code: 1, stderrTail: ['Xid 79: fallen off'] },
      'WorkerUnfit',
    ],
  ])('means what a rule of the stage says of %s', (_what, rule, end, code) => {
    const error = classify({ ...end, rules: failureRules([rule], []) });
    expect(error.code).toBe(code);
    expect(error.message).toContain(rule.because);
  });

  it("is judged by the stage's own rules before those of the configuration, and by these before the shipped ones", () => {
    const rule = (then: FailureRule['then']): FailureRule => ({ exitCodes: [75], then, because: then });
    const codes = [
      failureRules([rule('stop')], [rule('retry-elsewhere')]),
      failureRules([], [rule('retry-elsewhere')]),
      failureRules([], []),
    ].map((rules) => classify({ code: 75, rules }).code);
    expect(codes).toEqual(['StageRefused', 'WorkerUnfit', 'StageInterrupted']);
  });

  it('means another worker when the disk or the device of this one failed', () => {
    for (const line of ['OSError: [Errno 28] No space left on device', 'CUDA error: uncorrectable ECC error'])
      expect(classify({ code: 1, stderrTail: ['Traceback', line] }).code).toBe('WorkerUnfit');
  });

  it.each([0, 1, 134])('without a result is its own failure with exit code %i', (code) => {
    expect(classify({ code })).toMatchObject({
      code: 'StageFailed',
      details: { actual: `exit code ${code}` },
    });
  });
});

describe('an error that a stage process reported and nobody knew', () => {
  const unknown = new VitrineError('StageFailed', 'CUDA error: uncorrectable ECC error encountered');
  const rules = failureRules([], []);

  it('means what the rules say of its words, or of what was written before', () => {
    expect(classifyUnknown(unknown, { rules, stderrTail: [] })).toMatchObject({
      code: 'WorkerUnfit',
      cause: unknown,
    });
    const plain = new VitrineError('StageFailed', 'It failed.');
    const stderrTail = ['OOM when allocating tensor of shape [64,197,768]'];
    expect(classifyUnknown(plain, { rules, stderrTail }).code).toBe('StageRefused');
  });

  it('stays what it is when no rule fits', () => {
    const plain = new VitrineError('StageFailed', 'It failed.');
    expect(classifyUnknown(plain, { rules, stderrTail: ['a warning'] })).toBe(plain);
  });
});
