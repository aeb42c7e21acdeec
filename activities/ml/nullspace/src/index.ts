export { boundedPixels, noiseLeftOver, shortestPixels } from './encoder-noise-pixels.js';
export {
  influenceProgram,
  influenceSums,
  INFLUENCE_MEASURES,
  permuteNoise,
  withoutTokenMeans,
  type InfluenceMeasure,
  type NoiseInfluence,
} from './noise-influence.js';
export { startingNoise, type Stem } from './noise-start.js';
export { sampleImageNoise, stemMatrix, type StemGeometry } from './overlapping-stem.js';
export {
  EmptyNullSpaceError,
  patchEmbeddingNullSpace,
  relativeResidual,
  samplePixelNoise,
  type PatchEmbeddingNullSpace,
} from './patch-embedding-null-space.js';
export {
  frobenius,
  fromPatches,
  PIXEL_LIMITS,
  toNormalisedUnits,
  toPatches,
  toPixelUnits,
  withinLimit,
  type PixelLimit,
} from './patches.js';
export { splitVit, type SplitModel } from './split-model.js';
export {
  initialSearchState,
  NOISE_ENTRY,
  searchEntries,
  synthesisProgram,
  weightsState,
  type SynthesisFunction,
} from './synthesis-program.js';
export {
  passesBudget,
  SYNTHESIS_DEFAULTS,
  SYNTHESIS_RECIPES,
  synthesisRates,
  type SynthesisSettings,
} from './synthesis-settings.js';
export {
  NoiseDivergedError,
  synthesizeNoise,
  type HeldOutBatch,
  type NoiseProgress,
  type SynthesisProgress,
} from './synthesize-noise.js';
export { VISIBLE_NOISES, visibleNoise, type VisibleNoise } from './visible-noise.js';
