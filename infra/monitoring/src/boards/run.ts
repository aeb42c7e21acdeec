import type { BoardPlan } from '../board.js';
import { spread, STAGES } from '../promql.js';

const by = ['kind'];

export const run: BoardPlan = {
  uid: 'vitrine-run',
  title: 'runs',
  description:
    'How runs and their stages go, from the queue to the end. A single run has its own page, linked from the curves.',
  variables: ['project', 'pool', 'kind'],
  panels: [
    {
      title: 'Runs that ended',
      description: 'Runs of the last hour by how they ended.',
      unit: 'short',
      toRuns: true,
      lines: [
        {
          expr: 'sum by (project, status) (increase(vitrine_runs_ended_total{project=~"$project"}[1h]))',
          legend: '{{project}} {{status}}',
        },
      ],
    },
    {
      title: 'Time of runs',
      description: 'From submission to the end.',
      unit: 's',
      toRuns: true,
      lines: spread('vitrine_run_seconds', { by: ['project'], select: 'project=~"$project"' }),
    },
    {
      title: 'Attempts by how they ended',
      description: 'Attempts per second: succeeded, or the code of the error.',
      unit: 'cps',
      toRuns: true,
      lines: [
        {
          expr: `sum by (project, kind, outcome) (rate(vitrine_stage_attempts_total{${STAGES}}[5m]))`,
          legend: '{{kind}} {{outcome}}',
        },
      ],
    },
    {
      title: 'Retries by budget',
      description:
        'Failed attempts that are tried again, by the budget that pays: machine and services, own code, or nobody.',
      unit: 'cps',
      lines: [
        {
          expr: `sum by (kind, budget) (rate(vitrine_stage_retries_total{${STAGES}}[5m]))`,
          legend: '{{kind}} {{budget}}',
        },
      ],
    },
    {
      title: 'Time of attempts',
      description: 'How long attempts ran.',
      unit: 's',
      lines: spread('vitrine_stage_seconds', { by, select: STAGES }),
    },
    {
      title: 'Dispatch',
      description: 'From a worker taking a stage to its process being at work.',
      unit: 's',
      lines: spread('vitrine_stage_dispatch_seconds', { by, select: STAGES }),
    },
    {
      title: 'Silence',
      description: 'Longest time since a running attempt gave a sign of life.',
      unit: 's',
      lines: [{ expr: `max by (kind) (vitrine_stage_silence_seconds{${STAGES}})`, legend: '{{kind}}' }],
    },
    {
      title: 'Found and computed',
      description: 'Questions for a known result, by the answer.',
      unit: 'cps',
      lines: [
        {
          expr: `sum by (kind, answer) (rate(vitrine_cache_answers_total{${STAGES}}[5m]))`,
          legend: '{{kind}} {{answer}}',
        },
      ],
    },
  ],
};
