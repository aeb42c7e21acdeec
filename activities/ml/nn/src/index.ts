export { exportHuggingFace, importWeights } from './import-weights.js';
export { initVit } from './init-vit.js';
export { openBlock, type OpenBlock, type Tap } from './open-block.js';
export { parameter } from './parameter.js';
export { classify, embedPatches, encode, hiddenStates, logits, placeTokens, readClass } from './vit.js';
export {
  hiddenWidth,
  patchCount,
  patchLength,
  vitParameterShapes,
  type Vit,
  type VitConfig,
} from './vit-config.js';
export { WeightsError } from './weights-error.js';
