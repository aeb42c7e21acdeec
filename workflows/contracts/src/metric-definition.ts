/** What a value is counted in. Base units only, so that no panel has to guess. */
export type MetricUnit =
  'seconds' | 'bytes' | 'ratio' | 'count' | 'number' | 'per second' | 'celsius' | 'watts' | 'info';

/** What bounds the values of a label. A label that is not here grows with the work done, and is none. */
export const METRIC_LABELS = {
  component: 'api or worker',
  version: 'released versions',
  project: 'projects',
  pool: 'pools of the configuration',
  kind: 'stage kinds',
  status: 'ends of a run; of an HTTP answer, its status',
  outcome: 'codes of the closed list of errors, and succeeded; of S3: ok, refused, failed',
  budget: 'retry budgets',
  answer: 'hit, miss, damaged',
  operation: 'operations of S3 that the stores use',
  method: 'HTTP methods',
  route: 'patterns of routes',
  uuid: 'GPUs of the machine',
  folder: 'state, cache',
} as const satisfies Record<string, string>;

export type MetricLabel = keyof typeof METRIC_LABELS;

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: MetricUnit;
  readonly help: string;
  readonly labels: readonly MetricLabel[];
  /** Upper bounds, histograms only, in the unit of the name. */
  readonly buckets?: readonly number[];
}
