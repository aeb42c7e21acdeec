import { VitrineError, type FailureRule, type Progress } from '@vitrine/contracts';
import { applyRules, describeEnd } from './apply-rules.js';
import type { OomVerdict } from './memory-guard.js';

/** A stage process that ended without saying how. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Asked of the kernel when the process was killed. */
  readonly memory?: OomVerdict | undefined;
  readonly limitBytes?: number | undefined;
  readonly lastProgress?: Progress | undefined;
  /** The end of what it wrote to its standard error. */
  readonly stderrTail: readonly string[];
  readonly rules: readonly FailureRule[];
  /** Run and stage. */
  readonly where: string;
}

/** Shells and process supervisors report a signal as 128 + its number. */
const SIGKILL_CODE = 137;

/** What the end of a stage process means. Out of memory by the kernel's word, which no rule overrides; else by the rules. */
export function classifyExit(end: ChildEnd): VitrineError {
  const { code, signal, memory } = end;
  const where = end.lastProgress ? `${end.where}, ${describeStep(end.lastProgress)}` : end.where;
  const wasKilled = signal === 'SIGKILL' || code === SIGKILL_CODE;
  if (wasKilled && memory?.outOfMemory) return outOfMemory(end, where, memory);
  const process = { code, signal, tail: end.stderrTail };
  const facts = { where, expected: 'a result', actual: describeEnd(process) };
  const what = signal ? 'The stage process crashed' : 'The stage process ended without a result';
  const verdict = applyRules(process, end.rules);
  if (verdict) return new VitrineError(verdict.code, `${what}: ${verdict.because}.`, facts);
  return new VitrineError('StageFailed', `${what}.`, facts);
}

/** What an error means that a stage process reported and nobody knew: by what it says, and what was written before. */
export function classifyUnknown(
  error: VitrineError,
  { rules, stderrTail }: Pick<ChildEnd, 'rules' | 'stderrTail'>,
): VitrineError {
  const tail = [...stderrTail, ...error.message.split('\n')];
  const verdict = applyRules({ code: null, signal: null, tail }, rules);
  if (!verdict) return error;
  const { hint: _generic, ...details } = error.details;
  return new VitrineError(verdict.code, `The stage failed: ${verdict.because}.`, {
    ...details,
    actual: tail.join('\n'),
    cause: error,
  });
}

export function describeStep({ phase, step, total }: Progress): string {
  return `${phase}, step ${step}${total > 0 ? ` of ${total}` : ''}`;
}

function outOfMemory({ limitBytes }: ChildEnd, where: string, memory: OomVerdict): VitrineError {
  const peak = memory.peakBytes === undefined ? '' : `, peak ${megabytes(memory.peakBytes)}`;
  return new VitrineError(
    'OutOfMemory',
    'The stage process ran out of memory and was killed by the kernel.',
    {
      where,
      expected:
        limitBytes === undefined
          ? 'at most the memory of this machine'
          : `at most ${megabytes(limitBytes)} (resources.memoryMegabytes)`,
      actual: `${memory.evidence}${peak}`,
    },
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
