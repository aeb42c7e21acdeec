import { VitrineError, type FailureRule } from '@vitrine/contracts';
import { applyRules, describeEnd, type ProcessEnd } from '../job/apply-rules.js';

/** What the failed end of a program means: by the rules, else it is the stage's own failure. */
export function classifyFailure(end: ProcessEnd, rules: readonly FailureRule[], where: string): VitrineError {
  const verdict = applyRules(end, rules);
  const facts = { where, expected: 'exit code 0', actual: describeEnd(end) };
  if (verdict) return new VitrineError(verdict.code, `The program failed: ${verdict.because}.`, facts);
  return new VitrineError('StageFailed', 'The program failed.', {
    ...facts,
    hint: 'Read the log of the stage. Rules in `failures` say which ends are tried again.',
  });
}
