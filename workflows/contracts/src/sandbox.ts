/** What workflow code may import at run time besides the names: pure functions and tables that do not reach zod. */
export {
  ERRORS,
  isErrorCode,
  wantsElsewhere,
  type ErrorCode,
  type ErrorView,
  type RetryClass,
} from './errors.js';
export { errorOfFailure, failureFields, type FailureFields } from './failure.js';
export {
  awaitedStages,
  stageReferences,
  type StageReference,
  type WaitingStage,
} from './stage-references.js';
