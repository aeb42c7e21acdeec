import { METRIC_LABELS, METRICS, type MetricDefinition } from '@vitrine/contracts';
import { FOREIGN_METRICS } from './foreign-metrics.js';

const HISTOGRAM = ['_bucket', '_sum', '_count'] as const;

/** Names under which Prometheus knows the metrics of the catalogue, and those of other programs that we read. */
export function knownMetrics(): Set<string> {
  const own = Object.entries<MetricDefinition>(METRICS).flatMap(([name, { type }]) =>
    type === 'histogram' ? HISTOGRAM.map((ending) => `${name}${ending}`) : [name],
  );
  return new Set([...own, ...Object.keys(FOREIGN_METRICS)]);
}

/** Labels of the catalogue, those that Prometheus adds, and those of Temporal's that we read. */
export function knownLabels(): Set<string> {
  const ofPrometheus = ['job', 'instance', 'le'];
  const ofTemporal = [
    ...['operation', 'service_name', 'taskqueue', 'task_queue', 'timeout_type', 'worker_type'],
    'workflow_type',
  ];
  return new Set([...Object.keys(METRIC_LABELS), ...ofPrometheus, ...ofTemporal]);
}
