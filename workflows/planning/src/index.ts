export { byName } from './by-name.js';
export { cacheKeyText, recipeOf, type Recipe } from './cache-parts.js';
export { canonicalJson } from './canonical-json.js';
export { deriveSeed } from './derive-seed.js';
export { keyDifferences, nearest } from './explain-key.js';
export { planRun, type RunPlan } from './plan-run.js';
export { resolveInputs, type OutputLookup } from './resolve-inputs.js';
export { stageJob, type KnownOutputs } from './stage-job.js';
export { blockedStages, descendants, initialStates, needs, planOrder, readyStages } from './stage-order.js';
