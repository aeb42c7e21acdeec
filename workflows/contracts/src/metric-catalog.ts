export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, histograms only, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** Every metric Vitrine exposes itself. Base units; never a run id in a label. */
export const METRICS = {
  vitrine_stage_attempts_total: {
    type: 'counter',
    help: 'Attempts of stages by how they ended.',
    labels: ['project', 'pool', 'kind', 'outcome'],
  },
  vitrine_stage_seconds: {
    type: 'histogram',
    help: 'Time an attempt of a stage ran.',
    labels: ['project', 'pool', 'kind'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600],
  },
  vitrine_pool_slots: { type: 'gauge', help: 'Slots this worker offers.', labels: ['pool'] },
  vitrine_pool_slots_busy: {
    type: 'gauge',
    help: 'Slots of this worker that run a stage.',
    labels: ['pool'],
  },
  vitrine_training_steps_total: {
    type: 'counter',
    help: 'Optimizer steps done.',
    labels: ['project', 'pool', 'kind'],
  },
  vitrine_training_step_rate: {
    type: 'gauge',
    help: 'Steps per second, latest.',
    labels: ['project', 'pool', 'kind'],
  },
  vitrine_training_loss: {
    type: 'gauge',
    help: 'Training loss, latest.',
    labels: ['project', 'pool', 'kind'],
  },
  vitrine_training_data_wait_ratio: {
    type: 'gauge',
    help: 'Share of its time that a stage waited for data, latest.',
    labels: ['project', 'pool', 'kind'],
  },
  vitrine_checkpoint_seconds: {
    type: 'histogram',
    help: 'Time from snapshot to the moved pointer.',
    labels: ['project', 'pool', 'kind'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120],
  },
  vitrine_checkpoint_bytes_total: {
    type: 'counter',
    help: 'Bytes of checkpoints written.',
    labels: ['project', 'pool', 'kind'],
  },
  vitrine_http_request_seconds: {
    type: 'histogram',
    help: 'Time to answer an API request.',
    labels: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
