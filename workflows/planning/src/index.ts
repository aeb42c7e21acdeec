export {
  ablate,
  type AblatedPipeline,
  type AblationProblem,
  type PortTypes,
  type StageToAblate,
} from './ablate.js';
export { byName } from './by-name.js';
export { cacheKeyText, recipeOf, type Recipe } from './cache-parts.js';
export { canonicalJson } from './canonical-json.js';
export { decideRetrain, type RetrainFigures } from './decide-retrain.js';
export { deriveSeed } from './derive-seed.js';
export {
  chunksOf,
  elementJob,
  elementSeeds,
  elementsOf,
  lostItems,
  type ListedItem,
  type ListsRead,
} from './elements.js';
export { forecast, intervalOf, type ComputedSample, type ForecastStage } from './forecast.js';
export { gatherPages } from './gather-pages.js';
export { planView, type PlanFacts } from './plan-view.js';
export { keyDifferences, nearest } from './explain-key.js';
export { makeRunId } from './run-id.js';
export {
  champion,
  promote,
  rollBack,
  type Changed,
  type NewVersion,
  type Promotion,
} from './model-changes.js';
export { planRerun, type Rerun, type RerunPlan } from './plan-rerun.js';
export { planRun, seedsOf, type RunPlan } from './plan-run.js';
export {
  deviceSecondsOf,
  metricOf,
  pipelineAt,
  trialPipeline,
  trialRun,
  trialRunId,
  type TrialAttempt,
} from './sweep-trial.js';
export { unmetRequirement } from './requirements.js';
export { resolveInputs, type OutputLookup } from './resolve-inputs.js';
export { artifactOf, stageCodeVersion, stageJob, type KnownOutputs } from './stage-job.js';
export { descendants, needs, planOrder } from './stage-order.js';
export { findAhead, stagesAhead } from './stages-ahead.js';
export { retrainPipeline, scheduledRun, scheduledRunId } from './scheduled-run.js';
export { StageFrontier } from './stage-frontier.js';
export { FOR_BUDGET, PoolAllocator, type Decision } from './pool/pool-allocator.js';
export { poolView } from './pool/pool-view.js';
