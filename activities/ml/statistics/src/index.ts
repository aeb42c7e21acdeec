export {
  calibrationOf,
  type Calibration,
  type ConfidenceBin,
  type LabelledLogits,
  type MeanScore,
} from './calibration.js';
export { mcnemar, type McNemar } from './mcnemar.js';
export { comparePaired, type PairedComparison, type PairedDifferences } from './paired-comparison.js';
export { studentQuantile, studentTail } from './student-t.js';
