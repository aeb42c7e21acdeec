export { accumulatingProgram, type AccumulatingFunction, type AfterParts } from './accumulating-program.js';
export {
  adversarialProgram,
  findAdversarial,
  type AdversarialFunction,
  type AdversarySettings,
  type AttackedPart,
} from './adversarial-program.js';
export { accuracyOf, wilsonInterval } from './accuracy.js';
export { trainableNames, type TrainableLayers } from './trainable-layers.js';
export { crossEntropy, meanDivergence, targetDistribution, type Mix, type Targets } from './cross-entropy.js';
export { sumSpecs, withoutGradients } from './gradient-sums.js';
export { INITIAL_LOSS_SCALE, nextLossScale, type LossScale } from './loss-scale.js';
export { NonFiniteError } from './non-finite-error.js';
export { predictLogits } from './predict.js';
export { replicaProgram, sharedSpecs, type ReplicaFunction } from './replica-program.js';
export {
  initialTrainingState,
  parameterSpecs,
  pixelSpec,
  predictionFunction,
  STATE,
  trainingProgram,
  type TrainingProgramOptions,
} from './training-program.js';
export {
  trainStep,
  type AdversarialTerm,
  type Batch,
  type TrainStepHyper,
  type TrainStepInput,
  type TrainStepOutput,
} from './train-step.js';
