export { continuedFraction } from './beta-distribution.js';
export { voteOrder, voteRadius, type Votes } from './attention-votes.js';
export {
  accuracyCorrection,
  certifiedAccuracy,
  certifiedAccuracyCurve,
  outerEnvelope,
  type CertifiedExample,
} from './certified-accuracy.js';
export {
  CertificationLogError,
  formatCertificationLog,
  parseCertificationLog,
  type LoggedExample,
} from './certification-log.js';
export {
  certifyImage,
  complete,
  smoothedAttention,
  type CertifiedAttention,
  type CertifiedImage,
  type CertifyPlan,
  type SmoothedAttention,
} from './certify-image.js';
export {
  certify,
  largestRadius,
  predict,
  topClass,
  type Certificate,
  type CertificationSettings,
  type Prediction,
} from './certify.js';
export { fairCoinPValue, lowerBound, majorityCertain, upperBound } from './clopper-pearson.js';
export { drawStream } from './draw-stream.js';
export {
  checkPixels,
  Drawer,
  NonFiniteLogitsError,
  PixelScaleError,
  type DrawnImage,
  type DrawRange,
  type DrawSettings,
  type Wish,
} from './draws.js';
export { abstainsEarly, type AbstentionRule } from './early-abstention.js';
export {
  faithfulRadius,
  lipschitzRadius,
  lipschitzTopKRadius,
  renyiPredictionRadius,
  renyiTopKRadius,
  topKThreshold,
  toLInfinity,
} from './faithful-region.js';
export { enlarged, PERTURBED_SHARES, perturbedImages } from './faithfulness/perturbation-test.js';
export {
  segmentationCounts,
  segmentationScores,
  type SegmentationCounts,
  type SegmentationScores,
} from './faithfulness/segmentation.js';
export { normalCdf, normalQuantile } from './normal-distribution.js';
export { predictionThreshold, renyiRadius } from './renyi.js';
export { attackSmoothed, type SmoothedAttack } from './smoothed-attack.js';
export {
  SMOOTHING_STATE,
  smoothingProgram,
  type Sight,
  type SmoothedModel,
  type SmoothingFunction,
  type SmoothingProgramOptions,
} from './smoothing-program.js';
export { leavingCount, stableTopK, strictTopK, topKOverlap, type TopKClaim } from './top-k.js';
