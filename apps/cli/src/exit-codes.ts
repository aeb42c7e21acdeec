import type { ErrorCode, RunStatus, SweepStatus } from '@vitrine/contracts';

/** What the exit code of a command means. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  runFailed: 3,
  runCancelled: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

export const EXIT_HELP = `
Exit codes: ${EXIT.ok} done, ${EXIT.failed} an error was printed, ${EXIT.usage} wrong arguments, ${EXIT.runFailed} the run or sweep failed, ${EXIT.runCancelled} it was cancelled or stopped,
  ${EXIT.unreachable} API, Temporal or S3 cannot be reached, ${EXIT.interrupted} interrupted.`;

const UNREACHABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ApiUnavailable',
  'TemporalUnavailable',
  'StorageUnavailable',
]);

export function exitCodeOfError(code: ErrorCode): number {
  if (UNREACHABLE.has(code)) return EXIT.unreachable;
  return code === 'Cancelled' ? EXIT.interrupted : EXIT.failed;
}

export function exitCodeOfRun(status: RunStatus): number {
  return { running: EXIT.ok, succeeded: EXIT.ok, failed: EXIT.runFailed, cancelled: EXIT.runCancelled }[
    status
  ];
}

export function exitCodeOfSweep(status: SweepStatus): number {
  return {
    running: EXIT.ok,
    paused: EXIT.ok,
    succeeded: EXIT.ok,
    failed: EXIT.runFailed,
    stopped: EXIT.runCancelled,
  }[status];
}
