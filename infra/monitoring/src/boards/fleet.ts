import type { BoardPlan } from '../board.js';
import { spread } from '../promql.js';

export const fleet: BoardPlan = {
  uid: 'vitrine-fleet',
  title: 'fleet',
  description: 'Whether everything is up, how much work comes in and ends, and what the machines do.',
  variables: ['project'],
  panels: [
    {
      title: 'Parts that answer',
      description: 'Share of the scraped parts that answered the last look: below 1, one of them is down.',
      unit: 'percentunit',
      stat: true,
      lines: [{ expr: 'avg(up)', legend: 'up' }],
    },
    {
      title: 'Slots busy',
      description: 'Share of all slots that run a stage now.',
      unit: 'percentunit',
      stat: true,
      lines: [{ expr: 'sum(vitrine_pool_slots_busy) / sum(vitrine_pool_slots)', legend: 'busy' }],
    },
    {
      title: 'Stages waiting',
      description: 'Stages in the queues of all pools.',
      unit: 'short',
      stat: true,
      lines: [{ expr: 'sum(max by (pool) (vitrine_pool_backlog))', legend: 'waiting' }],
    },
    {
      title: 'Versions',
      description: 'Processes by part and version: two versions of a part are a deployment under way.',
      unit: 'short',
      stat: true,
      lines: [
        { expr: 'count by (component, version) (vitrine_build_info)', legend: '{{component}} {{version}}' },
      ],
    },
    {
      title: 'Runs submitted and ended',
      description: 'Runs per second that were started, and that ended, by how.',
      unit: 'cps',
      toRuns: true,
      lines: [
        {
          expr: 'sum by (project) (rate(vitrine_runs_submitted_total{project=~"$project"}[5m]))',
          legend: '{{project}} submitted',
        },
        {
          expr: 'sum by (project, status) (rate(vitrine_runs_ended_total{project=~"$project"}[5m]))',
          legend: '{{project}} {{status}}',
        },
      ],
    },
    {
      title: 'Device time used, lost and saved',
      description:
        'Devices at work on average; what was lost since the last checkpoint of failed attempts; what found results saved.',
      unit: 'short',
      lines: [
        { expr: 'sum(rate(vitrine_device_seconds_total{project=~"$project"}[5m]))', legend: 'used' },
        { expr: 'sum(rate(vitrine_device_lost_seconds_total{project=~"$project"}[5m]))', legend: 'lost' },
        {
          expr: 'sum(rate(vitrine_cache_saved_device_seconds_total{project=~"$project"}[5m]))',
          legend: 'saved',
        },
      ],
    },
    {
      title: 'Processors and memory',
      description: 'Busy share of the processors and used share of the memory of each worker machine.',
      unit: 'percentunit',
      lines: [
        { expr: 'vitrine_host_cpu_ratio', legend: '{{instance}} processors' },
        {
          expr: 'vitrine_host_memory_used_bytes / vitrine_host_memory_bytes',
          legend: '{{instance}} memory',
        },
      ],
    },
    {
      title: 'Room on disks',
      description: 'Share of each disk that is free, where state and cache lie.',
      unit: 'percentunit',
      lines: [{ expr: 'vitrine_disk_free_bytes / vitrine_disk_bytes', legend: '{{instance}} {{folder}}' }],
    },
    {
      title: 'Requests to the API',
      description: 'Time to answer, over all routes.',
      unit: 's',
      lines: spread('vitrine_http_request_seconds'),
    },
    {
      title: 'Answers of the API',
      description: 'Answers per second by status.',
      unit: 'cps',
      lines: [
        { expr: 'sum by (status) (rate(vitrine_http_request_seconds_count[5m]))', legend: '{{status}}' },
      ],
    },
    {
      title: 'Event loops',
      description:
        'How late the timers of API and worker are, slowest in a hundred: a blocked loop delays heartbeats.',
      unit: 's',
      lines: [{ expr: 'nodejs_eventloop_lag_p99_seconds', legend: '{{job}}' }],
    },
    {
      title: 'Memory of API and worker',
      description: 'Resident memory and used heap; stages have processes of their own.',
      unit: 'bytes',
      lines: [
        { expr: 'process_resident_memory_bytes{job=~"vitrine-.*"}', legend: '{{job}} resident' },
        { expr: 'nodejs_heap_size_used_bytes', legend: '{{job}} heap' },
      ],
    },
  ],
};
