export {
  areaUnderRoc,
  countingGrid,
  countingScores,
  type CountingGrid,
  type CountingScores,
  type CountingShape,
} from './counting/counting-task.js';
export { calibrateAdd } from './gates/calibrate.js';
export { type GateRates } from './gates/gate-draws.js';
export { gateProgram, type GateFunction, type GateProgramOptions } from './gates/gate-program.js';
export { initialGateState } from './gates/gate-state.js';
export { GateSelection, type JudgedGates } from './gates/gate-selection.js';
export { GATE_STATE, gateShape, trainedSpecs } from './gates/gate-state.js';
export { gateParameterShapes, initGates, initPlaceholder } from './gates/gate-network.js';
export { PLACEHOLDER } from './gates/gate-step.js';
export { GateTrainer, type GateFigures, type GateStart, type GateTrainerPlan } from './gates/gate-trainer.js';
export { defaultHidden, releasedOptimizer, type GateSettings } from './gates/settings.js';
export {
  DIRECT_METHODS,
  explanationProgram,
  type DirectMethod,
  type ExplanationFunction,
} from './methods/explanation-program.js';
export { explainAtOnce, oneCall, type Explainer, type HostBatch } from './methods/explainer.js';
export { integratedGradients, rise, type RiseOptions } from './methods/sampled.js';
export {
  keptMatch,
  keptOverlap,
  rankCorrelation,
  regionScores,
  type RegionScores,
} from './measures/agreement.js';
export {
  areaUnder,
  hidingCurve,
  hidingOrder,
  sharesOf,
  type Curve,
  type CurveOptions,
  type Judge,
} from './measures/curves.js';
