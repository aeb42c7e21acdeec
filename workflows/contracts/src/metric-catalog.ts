import type { MetricDefinition } from './metric-definition.js';
import { SERVICE_METRICS } from './service-metrics.js';

/** Labels of what a stage does: whose it is, where it runs, what it is. */
const STAGE = ['project', 'pool', 'kind'] as const;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** From a stage that does nothing to a training of days. */
const WORK = [0.1, 0.5, 1, 5, 15, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR];
/** What people, or a stage, wait for. */
const WAIT = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, MINUTE, 5 * MINUTE, 30 * MINUTE, 4 * HOUR];

/**
 * Every metric Vitrine exposes itself, and the one place where one is defined: who emits one names it from here, and the
 * compiler checks its labels. Base units; never an id of a run, a stage's name or a step in a label, because the number of
 * series would grow with the work done.
 */
export const METRICS = {
  vitrine_build_info: {
    type: 'gauge',
    unit: 'info',
    help: 'Always 1; the version of the process is in a label.',
    labels: ['component', 'version'],
  },
  vitrine_runs_submitted_total: {
    type: 'counter',
    unit: 'count',
    help: 'Runs that the API has started.',
    labels: ['project'],
  },
  vitrine_runs_ended_total: {
    type: 'counter',
    unit: 'count',
    help: 'Runs whose record was sealed, by how they ended.',
    labels: ['project', 'status'],
  },
  vitrine_run_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from submission to the end of a run.',
    labels: ['project', 'status'],
    buckets: WORK,
  },
  vitrine_stage_attempts_total: {
    type: 'counter',
    unit: 'count',
    help: 'Attempts of stages by how they ended: succeeded, or the code of the error.',
    labels: [...STAGE, 'outcome'],
  },
  vitrine_stage_retries_total: {
    type: 'counter',
    unit: 'count',
    help: 'Failed attempts that may be tried again, by the budget they are charged to.',
    labels: [...STAGE, 'budget'],
  },
  vitrine_stage_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time an attempt of a stage ran.',
    labels: STAGE,
    buckets: WORK,
  },
  vitrine_stage_queue_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time an attempt waited in the queue of its pool.',
    labels: STAGE,
    buckets: WAIT,
  },
  vitrine_stage_dispatch_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from a worker taking an attempt to its process being at work.',
    labels: STAGE,
    buckets: WAIT,
  },
  vitrine_stage_recovery_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from the last sign of a lost attempt to the next one being at work.',
    labels: STAGE,
    buckets: WAIT,
  },
  vitrine_stages_running: {
    type: 'gauge',
    unit: 'count',
    help: 'Attempts that this worker runs now.',
    labels: STAGE,
  },
  vitrine_stage_silence_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Longest time since a running attempt gave a sign of life; 0 while none runs.',
    labels: STAGE,
  },
  vitrine_cache_answers_total: {
    type: 'counter',
    unit: 'count',
    help: 'Questions for a known result, by the answer: hit, miss, or damaged.',
    labels: [...STAGE, 'answer'],
  },
  vitrine_cache_saved_device_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Device time that found results had taken when they were computed.',
    labels: STAGE,
  },
  vitrine_device_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Device time that attempts held, summed over their devices.',
    labels: STAGE,
  },
  vitrine_device_lost_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Device time since the last checkpoint of attempts that did not succeed.',
    labels: STAGE,
  },
  vitrine_pool_slots: {
    type: 'gauge',
    unit: 'count',
    help: 'Slots this worker offers.',
    labels: ['pool'],
  },
  vitrine_pool_slots_busy: {
    type: 'gauge',
    unit: 'count',
    help: 'Slots of this worker that run a stage.',
    labels: ['pool'],
  },
  vitrine_pool_backlog: {
    type: 'gauge',
    unit: 'count',
    help: 'Stages that wait in the queue of a pool, about, of all workers.',
    labels: ['pool'],
  },
  vitrine_pool_backlog_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Time that the first stage in the queue of a pool has waited.',
    labels: ['pool'],
  },
  vitrine_worker_draining: {
    type: 'gauge',
    unit: 'info',
    help: '1 once this worker was asked to stop and takes no more stages.',
    labels: [],
  },
  vitrine_training_steps_total: {
    type: 'counter',
    unit: 'count',
    help: 'Steps of stages done, of the optimizer or of what a stage counts.',
    labels: STAGE,
  },
  vitrine_training_step_rate: {
    type: 'gauge',
    unit: 'per second',
    help: 'Steps per second, latest.',
    labels: STAGE,
  },
  vitrine_training_step_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time of an optimizer step, the wait for its data included.',
    labels: STAGE,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  vitrine_training_samples_total: {
    type: 'counter',
    unit: 'count',
    help: 'Images that optimizer steps have seen.',
    labels: STAGE,
  },
  vitrine_training_loss: { type: 'gauge', unit: 'number', help: 'Training loss, latest.', labels: STAGE },
  vitrine_training_gradient_norm: {
    type: 'gauge',
    unit: 'number',
    help: 'Norm of the gradient before clipping, latest.',
    labels: STAGE,
  },
  vitrine_training_learning_rate: {
    type: 'gauge',
    unit: 'number',
    help: 'Learning rate, latest.',
    labels: STAGE,
  },
  vitrine_training_nonfinite_total: {
    type: 'counter',
    unit: 'count',
    help: 'Attempts ended by a loss, gradient or logit that is no finite number.',
    labels: STAGE,
  },
  vitrine_training_data_wait_ratio: {
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of its time that a stage waited for data, latest.',
    labels: STAGE,
  },
  vitrine_training_data_wait_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Time that stages stood still until a batch was decoded.',
    labels: STAGE,
  },
  vitrine_checkpoint_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from snapshot to the moved pointer.',
    labels: STAGE,
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 2 * MINUTE],
  },
  vitrine_checkpoint_stall_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Time that stages were held up by handing over snapshots.',
    labels: STAGE,
  },
  vitrine_checkpoint_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of checkpoints written.',
    labels: STAGE,
  },
  vitrine_checkpoint_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Longest time that a running attempt has worked on steps no checkpoint holds; 0 while none does.',
    labels: STAGE,
  },
  vitrine_gpu_pool_info: {
    type: 'gauge',
    unit: 'info',
    help: 'Always 1; says which pool a GPU belongs to, to join with other exporters by its UUID.',
    labels: ['uuid', 'pool'],
  },
  vitrine_gpu_utilization_ratio: {
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of time that the GPU ran a kernel.',
    labels: ['uuid'],
  },
  vitrine_gpu_memory_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the GPU in use.',
    labels: ['uuid'],
  },
  vitrine_gpu_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory that the GPU has.',
    labels: ['uuid'],
  },
  vitrine_gpu_temperature_celsius: {
    type: 'gauge',
    unit: 'celsius',
    help: 'Temperature of the GPU.',
    labels: ['uuid'],
  },
  vitrine_gpu_power_watts: {
    type: 'gauge',
    unit: 'watts',
    help: 'Power that the GPU draws.',
    labels: ['uuid'],
  },
  vitrine_host_cpu_ratio: {
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of the processors of the machine that is busy, with whatever it is.',
    labels: [],
  },
  vitrine_host_memory_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the machine that is not free for programs.',
    labels: [],
  },
  vitrine_host_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory that the machine has.',
    labels: [],
  },
  ...SERVICE_METRICS,
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
