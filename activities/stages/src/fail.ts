import { ApplicationFailure } from '@temporalio/common';
import { failureFields, type VitrineError } from '@vitrine/contracts';

/** An error of the closed list in the form that fails an activity; the workflow reads code and view back from it. */
export function toFailure(error: VitrineError): ApplicationFailure {
  return ApplicationFailure.create({ ...failureFields(error.toView()), cause: error });
}
