import type { RunEvent } from '@vitrine/contracts';

type Level = Extract<RunEvent, { type: 'log' }>['level'];

const ABSL_PREAMBLE = 'WARNING: All log messages before absl::InitializeLog()';

/**
 * What a line on a stage's standard error is worth. libtensorflow says there, in absl's form, what it would tell anyone at
 * start; an `I` line among warnings would have people look for a fault.
 */
export function stderrLevel(line: string): Level {
  if (/^I\d{4} /.test(line) || line.startsWith(ABSL_PREAMBLE)) return 'debug';
  return /^[EF]\d{4} /.test(line) ? 'error' : 'warn';
}
