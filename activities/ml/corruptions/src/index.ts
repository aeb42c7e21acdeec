export {
  BENCHMARK_CORRUPTIONS,
  corrupt,
  EXTRA_CORRUPTIONS,
  type CorruptionKind,
  type CorruptionOptions,
} from './corrupt.js';
export type { ByteImage, FrostPicture } from './corruption-image.js';
export { FROST_PICTURES } from './frost-pictures.js';
export {
  ALEXNET_ERRORS,
  summariseCorruptions,
  type CorruptionError,
  type CorruptionSummary,
} from './mean-corruption-error.js';
export type { CorruptionScale } from './severities.js';
