import type { BoardPlan, PanelPlan, Unit } from '../board.js';
import { spread, STAGES } from '../promql.js';

/** The latest value on each worker: of several trainings of a kind on one worker, the one that spoke last. */
function latest(
  title: string,
  metric: string,
  { unit, description }: { unit: Unit; description: string },
): PanelPlan {
  const labels = 'project, pool, kind, instance';
  return {
    title,
    description,
    unit,
    toRuns: true,
    lines: [
      { expr: `max by (${labels}) (${metric}{${STAGES}})`, legend: '{{project}} {{kind}} {{instance}}' },
    ],
  };
}

export const training: BoardPlan = {
  uid: 'vitrine-training',
  title: 'training',
  description: 'How trainings learn, how fast, and how safe their work is.',
  variables: ['project', 'pool', 'kind'],
  panels: [
    latest('Loss', 'vitrine_training_loss', { unit: 'none', description: 'Training loss, latest.' }),
    latest('Gradient norm', 'vitrine_training_gradient_norm', {
      unit: 'none',
      description: 'Norm of the gradient before clipping, latest: a rise warns before the loss does.',
    }),
    latest('Learning rate', 'vitrine_training_learning_rate', {
      unit: 'none',
      description: 'Learning rate, latest.',
    }),
    {
      title: 'Losses that are no number',
      description: 'Attempts of the last hour that ended because a loss, gradient or logit was not finite.',
      unit: 'short',
      toRuns: true,
      lines: [
        {
          expr: `sum by (project, kind) (increase(vitrine_training_nonfinite_total{${STAGES}}[1h]))`,
          legend: '{{project}} {{kind}}',
        },
      ],
    },
    {
      title: 'Time of a step',
      description: 'An optimizer step, the wait for its data included.',
      unit: 's',
      lines: spread('vitrine_training_step_seconds', { by: ['kind'], select: STAGES }),
    },
    {
      title: 'Images a second',
      description: 'Images that optimizer steps have seen.',
      unit: 'cps',
      lines: [
        {
          expr: `sum by (kind) (rate(vitrine_training_samples_total{${STAGES}}[1m]))`,
          legend: '{{kind}}',
        },
      ],
    },
    {
      title: 'Steps a second',
      description: 'Steps of whatever a stage counts: of the optimizer, batches judged, images certified.',
      unit: 'ops',
      lines: [
        {
          expr: `sum by (kind) (rate(vitrine_training_steps_total{${STAGES}}[1m]))`,
          legend: '{{kind}}',
        },
        {
          expr: `max by (kind, instance) (vitrine_training_step_rate{${STAGES}})`,
          legend: '{{kind}} {{instance}}, as told',
        },
      ],
    },
    {
      title: 'Waiting for data',
      description: 'Share of its time that a training stood still until a batch was decoded.',
      unit: 'percentunit',
      lines: [
        {
          expr: `sum by (kind) (rate(vitrine_training_data_wait_seconds_total{${STAGES}}[1m]))`,
          legend: '{{kind}}, of the last minute',
        },
        {
          expr: `max by (kind, instance) (vitrine_training_data_wait_ratio{${STAGES}})`,
          legend: '{{kind}} {{instance}}, since its start',
        },
      ],
    },
    {
      title: 'Checkpoints',
      description: 'From snapshot to the moved pointer.',
      unit: 's',
      lines: spread('vitrine_checkpoint_seconds', { by: ['kind'], select: STAGES }),
    },
    {
      title: 'Bytes of checkpoints',
      description: 'Written per second.',
      unit: 'Bps',
      lines: [
        {
          expr: `sum by (kind) (rate(vitrine_checkpoint_bytes_total{${STAGES}}[5m]))`,
          legend: '{{kind}}',
        },
      ],
    },
    {
      title: 'Work in no checkpoint',
      description: 'Longest time that a running attempt would lose if it died now.',
      unit: 's',
      lines: [{ expr: `max by (kind) (vitrine_checkpoint_age_seconds{${STAGES}})`, legend: '{{kind}}' }],
    },
    {
      title: 'Held up by checkpoints',
      description: 'Share of their time that stages stood still to hand a snapshot over.',
      unit: 'percentunit',
      lines: [
        {
          expr: `sum by (kind) (rate(vitrine_checkpoint_stall_seconds_total{${STAGES}}[5m]))`,
          legend: '{{kind}}',
        },
      ],
    },
  ],
};
