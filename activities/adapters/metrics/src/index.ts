export {
  createMetrics,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricLabels,
  type Metrics,
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
