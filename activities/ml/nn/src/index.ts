export { exportHuggingFace, importWeights } from './import-weights.js';
export { initVit } from './init-vit.js';
export { classify, embedPatches, encode, logits } from './vit.js';
export {
  hiddenWidth,
  patchCount,
  patchLength,
  vitParameterShapes,
  type Vit,
  type VitConfig,
} from './vit-config.js';
export { WeightsError } from './weights-error.js';
