export { accumulatingProgram, type AccumulatingFunction } from './accumulating-program.js';
export { accuracyOf, wilsonInterval } from './accuracy.js';
export { crossEntropy } from './cross-entropy.js';
export { withoutGradients } from './gradient-sums.js';
export { INITIAL_LOSS_SCALE, nextLossScale, type LossScale } from './loss-scale.js';
export { NonFiniteError } from './non-finite-error.js';
export { predictLogits } from './predict.js';
export { gradientSpecs, replicaProgram, sharedSpecs, type ReplicaFunction } from './replica-program.js';
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
  type Batch,
  type TrainStepHyper,
  type TrainStepInput,
  type TrainStepOutput,
} from './train-step.js';
