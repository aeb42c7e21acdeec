export { meanSquaredLogitDistance, meanSquaredProbabilityDistance } from './distances.js';
export { averageInfluence, noiseInfluence, permuteNoise, type NoiseInfluence } from './noise-influence.js';
export {
  noisyLogits,
  startingNoise,
  startSynthesis,
  synthesisStep,
  tensorsOf,
  type SynthesisSettings,
  type SynthesisState,
  type SynthesisStep,
} from './noise-synthesis.js';
export {
  EmptyNullSpaceError,
  frobenius,
  patchEmbeddingNullSpace,
  relativeResidual,
  samplePixelNoise,
  toPixelUnits,
  type PatchEmbeddingNullSpace,
} from './patch-embedding-null-space.js';
export { cleanOutputs, splitVit, type CleanOutputs, type SplitModel } from './split-model.js';
export { synthesizeNoise, type SynthesisProgress } from './synthesize-noise.js';
