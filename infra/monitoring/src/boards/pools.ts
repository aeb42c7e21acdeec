import type { BoardPlan } from '../board.js';
import { spread } from '../promql.js';

const POOL = 'pool=~"$pool"';

export const pools: BoardPlan = {
  uid: 'vitrine-pools',
  title: 'pools',
  description: 'What each pool offers, what waits for it, and how long.',
  variables: ['pool'],
  panels: [
    {
      title: 'Slots',
      description: 'Slots that the workers of a pool offer, and those that run a stage.',
      unit: 'short',
      lines: [
        { expr: `sum by (pool) (vitrine_pool_slots{${POOL}})`, legend: '{{pool}} offered' },
        { expr: `sum by (pool) (vitrine_pool_slots_busy{${POOL}})`, legend: '{{pool}} busy' },
      ],
    },
    {
      title: 'Waiting',
      description: 'Stages in the queue of a pool, about; every worker asks the server for it.',
      unit: 'short',
      lines: [{ expr: `max by (pool) (vitrine_pool_backlog{${POOL}})`, legend: '{{pool}}' }],
    },
    {
      title: 'Waited so far',
      description: 'How long the first stage in the queue has waited.',
      unit: 's',
      lines: [{ expr: `max by (pool) (vitrine_pool_backlog_age_seconds{${POOL}})`, legend: '{{pool}}' }],
    },
    {
      title: 'Time in the queue',
      description: 'How long stages that began had waited for a slot.',
      unit: 's',
      lines: spread('vitrine_stage_queue_seconds', { by: ['pool'], select: POOL }),
    },
    {
      title: 'Workers that drain',
      description: 'Workers that were asked to stop and still finish what they have.',
      unit: 'short',
      lines: [{ expr: 'sum(vitrine_worker_draining)', legend: 'draining' }],
    },
    {
      title: 'Stages running',
      description: 'Attempts that run now, by kind.',
      unit: 'short',
      lines: [{ expr: `sum by (pool, kind) (vitrine_stages_running{${POOL}})`, legend: '{{pool}} {{kind}}' }],
    },
  ],
};

export const gpus: BoardPlan = {
  uid: 'vitrine-gpus',
  title: 'GPUs',
  description:
    'What the GPUs of the pools do, by UUID: the key that DCGM exports, too. Empty where there are none.',
  variables: ['pool'],
  panels: [
    ['Utilisation', 'Share of time that a kernel ran.', 'percentunit', 'vitrine_gpu_utilization_ratio'],
    ['Memory in use', 'Memory that is in use.', 'bytes', 'vitrine_gpu_memory_used_bytes'],
    ['Memory', 'Memory that there is.', 'bytes', 'vitrine_gpu_memory_bytes'],
    ['Temperature', 'As the driver tells it.', 'celsius', 'vitrine_gpu_temperature_celsius'],
    ['Power', 'As the driver tells it.', 'watt', 'vitrine_gpu_power_watts'],
  ].map(([title = '', description = '', unit, metric]) => ({
    title,
    description,
    unit: unit as 'bytes',
    lines: [
      {
        expr: `${metric} * on (uuid, instance) group_left (pool) vitrine_gpu_pool_info{${POOL}}`,
        legend: '{{pool}} {{uuid}}',
      },
    ],
  })),
};
