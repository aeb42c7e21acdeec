export {
  attackProgram,
  type AttackedModel,
  type AttackFunction,
  type AttackProgramOptions,
  type HostBatch,
} from './attack-program.js';
export { ascentInputs, ascentStep, vitClassifier, type Classifier } from './attacked-batch.js';
export { deepFoolSteps, type DeepFoolOptions } from './deepfool.js';
export { fgsm } from './fgsm.js';
export { gaussianNoise } from './gaussian-noise.js';
export { pgd, pgdSteps, type PgdOptions } from './pgd.js';
export { carliniWagnerSteps, type CarliniWagnerOptions } from './carlini-wagner.js';
export {
  STANDARD_ATTACKS,
  standardAttackSteps,
  type StandardAttack,
  type StandardOptions,
} from './autoattack.js';
export { FEWEST_FOR_RATIO } from './steered-slope.js';
