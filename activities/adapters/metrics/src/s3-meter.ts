import type { MetricSink } from './create-metrics.js';

/** One try of a request to the object server, as its client saw it. */
export interface S3Measure {
  readonly operation: string;
  readonly outcome: 'ok' | 'refused' | 'failed';
  readonly seconds: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** What a client of the object server is given to be measured by. */
export function s3Meter(sink: MetricSink): (measure: S3Measure) => void {
  return ({ operation, outcome, seconds, sentBytes, receivedBytes }) => {
    sink.observe({ name: 'vitrine_s3_request_seconds', labels: { operation, outcome } }, seconds);
    sink.inc({ name: 'vitrine_s3_sent_bytes_total', labels: { operation } }, sentBytes);
    sink.inc({ name: 'vitrine_s3_received_bytes_total', labels: { operation } }, receivedBytes);
  };
}
