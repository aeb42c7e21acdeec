export {
  COEFFICIENTS,
  coefficientRows,
  columnsOf,
  exactRow,
  stepSigma,
  type Coefficients,
} from './coefficients.js';
export {
  ancestralStep,
  cleanImage,
  denoiseOnce,
  implicitStep,
  noised,
  unetPredictor,
  type NoisePredictor,
} from './denoise.js';
export { denoiserLoss, type DenoiserBatch } from './denoiser-loss.js';
export {
  DENOISER_STATE,
  denoiserProgram,
  initialDenoiserState,
  toModelScale,
  type DenoiserFunction,
  type DenoiserProgramOptions,
} from './denoiser-program.js';
export {
  noiseAt,
  NoiseRangeError,
  noiseSchedule,
  shownTime,
  stepBack,
  stepForSigma,
  type DiffusionConfig,
  type NoiseSchedule,
} from './noise-schedule.js';
export { sampleSteps, spreadSteps, type SampleRequest } from './sampler.js';
export { denoiserSpecs, MEAN_WEIGHTS, samplingProgram, type SamplingFunction } from './sampling-program.js';
export { averageShare, trainingDraws } from './training-draws.js';
