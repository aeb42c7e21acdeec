export { classAttention, type ClassAttention } from './class-attention.js';
export { checkShapes, exportHuggingFace, importWeights } from './import-weights.js';
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
export { unetOutput, type DenoiserInput } from './unet.js';
export type { Dropout } from './unet-layers.js';
export { unetOutputChannels, unetParameterShapes, type Unet, type UnetConfig } from './unet-config.js';
export { exportUnet, importUnet, initUnet } from './unet-weights.js';
export { WeightsError } from './weights-error.js';
