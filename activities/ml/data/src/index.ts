export { augmentImage, drawAugmentation, type Augmentation, type AugmentationPolicy } from './augment.js';
export {
  batchFiller,
  checkSequence,
  epochOrder,
  fillBatch,
  stepsPerEpoch,
  type BatchSequence,
} from './batches.js';
export { BatchError } from './batch-error.js';
export {
  batchBuffers,
  imageBatch,
  imageSlice,
  pixelsPerImage,
  type BatchBuffers,
  type Images,
} from './images.js';
export type { MixingPolicy } from './strong/mixing.js';
export type { RandAugmentPolicy } from './strong/rand-augment.js';
export type { ErasingPolicy } from './strong/random-erasing.js';
