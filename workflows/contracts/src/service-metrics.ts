import type { MetricDefinition } from './metric-definition.js';

const REQUEST = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** From a start on time to one after an outage. */
const LATE = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Of schedules, of disks, and of requests to the object server and to the API. */
export const SERVICE_METRICS = {
  vitrine_schedule_times_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times of schedules by what was made of them: started, unchanged for want of new data, or failed.',
    labels: ['project', 'outcome'],
  },
  vitrine_schedule_delay_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from when a start of a schedule was due until it was decided.',
    labels: ['project'],
    buckets: LATE,
  },
  vitrine_retrain_decisions_total: {
    type: 'counter',
    unit: 'count',
    help: 'Re-trainings that came to their end, by what was decided: promote, keep or alert.',
    labels: ['project', 'outcome'],
  },
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
