export type { Datasets, ImageSet } from './datasets.js';
