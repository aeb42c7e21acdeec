import { ApplicationFailure } from '@temporalio/common';
import { failureFields, VitrineError, type ErrorCode, type ErrorDetails } from '@vitrine/contracts';

/** What an activity throws for an error of the closed list. */
export function failWith(code: ErrorCode, what: string, details: ErrorDetails = {}): ApplicationFailure {
  return ApplicationFailure.create({ ...failureFields(new VitrineError(code, what, details).toView()) });
}
