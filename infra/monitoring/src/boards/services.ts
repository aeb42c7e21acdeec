import type { BoardPlan } from '../board.js';
import { quantile, spread } from '../promql.js';

export const storage: BoardPlan = {
  uid: 'vitrine-storage',
  title: 'storage',
  description: 'The object server as API, workers and stages see it.',
  variables: [],
  panels: [
    {
      title: 'Requests',
      description:
        'Tries per second by outcome: ok, refused by the server (4xx, as when there is no such object), failed.',
      unit: 'cps',
      lines: [
        { expr: 'sum by (outcome) (rate(vitrine_s3_request_seconds_count[5m]))', legend: '{{outcome}}' },
      ],
    },
    {
      title: 'Share that failed',
      description: 'Tries that the server did not serve, of all.',
      unit: 'percentunit',
      lines: [{ expr: 'vitrine:s3_failed:ratio_rate5m', legend: 'failed' }],
    },
    {
      title: 'Time of requests',
      description: 'Until the head of the answer, slow end by operation.',
      unit: 's',
      lines: [
        {
          expr: quantile(0.95, 'vitrine_s3_request_seconds', { by: ['operation'] }),
          legend: '{{operation}} p95',
        },
      ],
    },
    {
      title: 'Bytes',
      description: 'Bodies sent and received per second.',
      unit: 'Bps',
      lines: [
        { expr: 'sum(rate(vitrine_s3_sent_bytes_total[5m]))', legend: 'sent' },
        { expr: 'sum(rate(vitrine_s3_received_bytes_total[5m]))', legend: 'received' },
      ],
    },
  ],
};

export const temporal: BoardPlan = {
  uid: 'vitrine-temporal',
  title: 'Temporal',
  description: "Temporal as its server and the workers' SDK tell it.",
  variables: [],
  panels: [
    {
      title: 'Requests to the server',
      description: 'Per second, by operation, as the server counts them.',
      unit: 'cps',
      lines: [
        {
          expr: 'topk(8, sum by (operation) (rate(service_requests{service_name="frontend"}[5m])))',
          legend: '{{operation}}',
        },
      ],
    },
    {
      title: 'Time of requests',
      description: 'Slow end by service of the server.',
      unit: 's',
      lines: [
        {
          expr: quantile(0.95, 'service_latency', { by: ['service_name'] }),
          legend: '{{service_name}} p95',
        },
      ],
    },
    {
      title: 'Time of its database',
      description: 'Slow end by operation: what all else of the server waits for.',
      unit: 's',
      lines: [
        {
          expr: `topk(8, ${quantile(0.95, 'persistence_latency', { by: ['operation'] })})`,
          legend: '{{operation}} p95',
        },
      ],
    },
    {
      title: 'Backlog by queue',
      description: 'Tasks that wait, as the server counts them.',
      unit: 'short',
      lines: [
        {
          expr: 'sum by (taskqueue) (approximate_backlog_count{taskqueue=~"vitrine.*"})',
          legend: '{{taskqueue}}',
        },
      ],
    },
    {
      title: 'From schedule to start',
      description: 'How long activities waited for a worker, slow end by queue.',
      unit: 's',
      lines: [
        {
          expr: quantile(0.95, 'temporal_activity_schedule_to_start_latency_seconds', { by: ['task_queue'] }),
          legend: '{{task_queue}} p95',
        },
      ],
    },
    {
      title: 'Workflow tasks',
      description:
        'Time that workflow code took for a task: near ten seconds, the server gives the task to another worker.',
      unit: 's',
      lines: spread('temporal_workflow_task_execution_latency_seconds'),
    },
    {
      title: 'Slots of the SDK',
      description: 'Slots for tasks that a worker has left and has in use, by kind.',
      unit: 'short',
      lines: [
        {
          expr: 'sum by (worker_type) (temporal_worker_task_slots_available)',
          legend: '{{worker_type}} free',
        },
        { expr: 'sum by (worker_type) (temporal_worker_task_slots_used)', legend: '{{worker_type}} used' },
      ],
    },
    {
      title: 'Workflows kept in memory',
      description: 'Workflows that need no replay to go on.',
      unit: 'short',
      lines: [{ expr: 'sum(temporal_sticky_cache_size)', legend: 'workflows' }],
    },
    {
      title: "The SDK's requests",
      description: 'Slow end of the requests of workers, long polls aside.',
      unit: 's',
      lines: [
        {
          expr: quantile(0.95, 'temporal_request_latency_seconds', { by: ['operation'] }),
          legend: '{{operation}} p95',
        },
      ],
    },
    {
      title: 'Workflows completed',
      description: 'Per second, by type.',
      unit: 'cps',
      lines: [
        {
          expr: 'sum by (workflow_type) (rate(temporal_workflow_completed_total[5m]))',
          legend: '{{workflow_type}}',
        },
      ],
    },
  ],
};

export const levels: BoardPlan = {
  uid: 'vitrine-levels',
  title: 'service levels',
  description:
    'Objectives: 99 % of attempts at work within 10 s of a worker taking them; 95 % of lost attempts at work again within 60 s of their last sign.',
  variables: [],
  panels: [
    {
      title: 'Dispatch within 10 s',
      description: 'Share of the attempts of the last six hours. The objective is 99 %.',
      unit: 'percentunit',
      stat: true,
      span: 12,
      lines: [{ expr: '1 - vitrine:dispatch_errors:ratio_rate6h', legend: 'in time' }],
    },
    {
      title: 'Recovery within 60 s',
      description: 'Share of the lost attempts of the last six hours. The objective is 95 %.',
      unit: 'percentunit',
      stat: true,
      span: 12,
      lines: [{ expr: '1 - vitrine:recovery_errors:ratio_rate6h', legend: 'in time' }],
    },
    {
      title: 'Burn of the dispatch budget',
      description:
        'How many times faster than allowed the errors come: at 14.4 a 30-day budget is gone in two days.',
      unit: 'none',
      lines: [
        { expr: 'vitrine:dispatch_errors:ratio_rate5m / 0.01', legend: '5 min' },
        { expr: 'vitrine:dispatch_errors:ratio_rate1h / 0.01', legend: '1 h' },
        { expr: 'vitrine:dispatch_errors:ratio_rate6h / 0.01', legend: '6 h' },
      ],
    },
    {
      title: 'Burn of the recovery budget',
      description: 'As for dispatch, of the attempts that were lost.',
      unit: 'none',
      lines: [
        { expr: 'vitrine:recovery_errors:ratio_rate30m / 0.05', legend: '30 min' },
        { expr: 'vitrine:recovery_errors:ratio_rate6h / 0.05', legend: '6 h' },
      ],
    },
    {
      title: 'Recovery',
      description: 'From the last sign of a lost attempt to the next one being at work.',
      unit: 's',
      lines: spread('vitrine_stage_recovery_seconds'),
    },
    {
      title: 'Attempts lost to heartbeats',
      description: 'Attempts whose worker fell silent, as the server counts them.',
      unit: 'short',
      lines: [
        { expr: 'sum by (taskqueue) (activity_timeout{timeout_type="Heartbeat"})', legend: '{{taskqueue}}' },
      ],
    },
  ],
};
