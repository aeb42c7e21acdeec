import { VitrineError, type Progress } from '@vitrine/contracts';
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
  /** Run and stage. */
  readonly where: string;
}

/** Shells and process supervisors report a signal as 128 + its number. */
const SIGKILL_CODE = 137;

/** Signals somebody sends to stop a process, as opposed to those a process brings on itself. */
const SENT: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/** What the end of a stage process means. Out of memory only by the kernel's word; any other kill is somebody's. */
export function classifyExit(end: ChildEnd): VitrineError {
  const { code, signal, memory } = end;
  const where = end.lastProgress ? `${end.where}, ${describeStep(end.lastProgress)}` : end.where;
  const wasKilled = signal === 'SIGKILL' || code === SIGKILL_CODE;
  if (wasKilled && memory?.outOfMemory) return outOfMemory(end, where, memory);
  const how = signal ? `ended by ${signal}` : `exit code ${code}`;
  const facts = { where, expected: 'a result', actual: [how, ...end.stderrTail].join('\n') };
  if (wasKilled || (signal && SENT.has(signal)))
    return new VitrineError('ChildKilled', 'The stage process was killed from outside.', facts);
  if (signal) return new VitrineError('StageFailed', 'The stage process crashed.', facts);
  return new VitrineError('StageFailed', 'The stage process ended without a result.', facts);
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
