export {
  createMetrics,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricLabels,
  type Metrics,
  type MetricSink,
  type MetricsOptions,
  type Series,
} from './create-metrics.js';
export {
  createMetricsPage,
  EXPOSITION_TYPE,
  mergeExpositions,
  type MetricsPage,
  type MetricsPageOptions,
} from './exposition.js';
export { serveMetrics, type MetricsServer, type ServeMetricsOptions } from './serve-metrics.js';
export {
  measure,
  MetricBuffer,
  metricSampleSchema,
  replay,
  type MetricSample,
  type StageMetricName,
} from './metric-buffer.js';
export { s3Meter, type S3Measure } from './s3-meter.js';
