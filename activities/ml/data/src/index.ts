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
export { batchBuffers, imageSlice, pixelsPerImage, type BatchBuffers, type Images } from './images.js';
