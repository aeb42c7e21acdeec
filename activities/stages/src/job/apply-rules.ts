import type { ErrorCode, FailureClass, FailureRule } from '@vitrine/contracts';

/** How a process ended, and the last lines that it wrote. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tail: readonly string[];
}

export interface Verdict {
  readonly code: ErrorCode;
  readonly because: string;
}

const CODES = {
  'retry-infrastructure': 'StageInterrupted',
  'retry-elsewhere': 'WorkerUnfit',
  'retry-own': 'StageFailed',
  stop: 'StageRefused',
} as const satisfies Record<FailureClass, ErrorCode>;

/** What the end of a process means by the first rule that fits; undefined when none does. */
export function applyRules(end: ProcessEnd, rules: readonly FailureRule[]): Verdict | undefined {
  const rule = rules.find((candidate) => fits(candidate, end));
  return rule && { code: CODES[rule.then], because: rule.because };
}

/** What happened, for people. */
export function describeEnd({ code, signal, tail }: ProcessEnd): string {
  return [signal ? `ended by ${signal}` : `exit code ${code}`, ...tail].join('\n');
}

function fits(rule: FailureRule, { code, signal, tail }: ProcessEnd): boolean {
  if ('exitCodes' in rule) return code !== null && rule.exitCodes.includes(code);
  if ('signals' in rule) return signal !== null && (rule.signals as readonly string[]).includes(signal);
  const pattern = new RegExp(rule.logPattern);
  return tail.some((line) => pattern.test(line));
}
