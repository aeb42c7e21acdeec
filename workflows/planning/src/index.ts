export { deriveSeed } from './derive-seed.js';
export { planRun, type RunPlan } from './plan-run.js';
export { resolveInputs, type OutputLookup } from './resolve-inputs.js';
export { blockedStages, byName, initialStates, needs, planOrder, readyStages } from './stage-order.js';
