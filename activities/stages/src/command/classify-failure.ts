import { VitrineError, type FailureClass, type FailureRule } from '@vitrine/contracts';

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const CODES = {
  'retry-infrastructure': 'ProgramInterrupted',
  'retry-own': 'StageFailed',
  stop: 'ProgramRefused',
} as const satisfies Record<FailureClass, string>;

/**
 * What the end of a program means by the stage's rules: the first that fits counts.
 * @param tail the last lines that it wrote
 */
export function classifyFailure(
  { code, signal }: ProgramEnd,
  rules: readonly FailureRule[],
  { tail, where }: { readonly tail: readonly string[]; readonly where: string },
): VitrineError {
  const rule = rules.find((candidate) => fits(candidate, { code, signal }, tail));
  const how = signal ? `ended by ${signal}` : `exit code ${code}`;
  return new VitrineError(
    CODES[rule?.then ?? 'retry-own'],
    `The program failed${rule ? `: ${rule.because}` : ''}.`,
    {
      where,
      expected: 'exit code 0',
      actual: [how, ...tail].join('\n'),
      ...(rule === undefined && {
        hint: 'Read the log of the stage. Rules in params.failures say which ends are tried again.',
      }),
    },
  );
}

function fits(rule: FailureRule, { code, signal }: ProgramEnd, tail: readonly string[]): boolean {
  if ('exitCodes' in rule) return code !== null && rule.exitCodes.includes(code);
  if ('signals' in rule) return signal !== null && (rule.signals as readonly string[]).includes(signal);
  const pattern = new RegExp(rule.logPattern);
  return tail.some((line) => pattern.test(line));
}
