export { meanSquaredLogitDistance, meanSquaredProbabilityDistance } from './distances.js';
export { averageInfluence, noiseInfluence, permuteNoise, type NoiseInfluence } from './noise-influence.js';
export {
  noisyLogits,
  startingNoise,
  synthesisRates,
  synthesisStep,
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
export {
  initialSearchState,
  NOISE_ENTRY,
  searchEntries,
  synthesisProgram,
  synthesizeNoise,
  weightsState,
  type SynthesisProgramOptions,
  type SynthesisProgress,
} from './synthesize-noise.js';
