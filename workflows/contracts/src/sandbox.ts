/** What workflow code may import at run time besides the names: pure functions and tables that do not reach zod. */
export { assignItem } from './assign-item.js';
export { CHUNK_OUTPUT, ELEMENTS_PAGE, FAILURES_SHOWN, ITEM_SHOWN } from './elements-limits.js';
export {
  ERRORS,
  isErrorCode,
  wantsElsewhere,
  type ErrorCode,
  type ErrorView,
  type RetryClass,
} from './errors.js';
export { errorOfFailure, failureFields, type FailureFields } from './failure.js';
export { NO_PROFILE } from './no-profile.js';
export { CHAMPION_JUDGE, CHAMPION_STAGE } from './champion-stages.js';
export { isSharded } from './sharding.js';
export {
  awaitedStages,
  OVER,
  referenceParts,
  stageReferences,
  type StageReference,
  type WaitingStage,
} from './stage-references.js';
