import type { MetricDefinition } from './metric-definition.js';

const REQUEST = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Of disks, and of requests to the object server and to the API. */
export const SERVICE_METRICS = {
  vitrine_disk_free_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Room left where a folder of Vitrine lies: state or cache.',
    labels: ['folder'],
  },
  vitrine_disk_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Size of the disk where a folder of Vitrine lies.',
    labels: ['folder'],
  },
  vitrine_s3_request_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time of one try of a request to the object server: ok, refused by it (4xx), or failed.',
    labels: ['operation', 'outcome'],
    buckets: [...REQUEST, 30],
  },
  vitrine_s3_sent_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of bodies sent to the object server.',
    labels: ['operation'],
  },
  vitrine_s3_received_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of bodies that the object server announced.',
    labels: ['operation'],
  },
  vitrine_http_request_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time to answer an API request.',
    labels: ['method', 'route', 'status'],
    buckets: REQUEST,
  },
} as const satisfies Record<string, MetricDefinition>;
