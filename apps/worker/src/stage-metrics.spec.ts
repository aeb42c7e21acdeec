import type { Progress } from '@vitrine/contracts';
import { createMetrics } from '@vitrine/metrics';
import { describe, expect, it } from 'vitest';
import { stageMetrics } from './stage-metrics.js';

const job = { project: 'birds', runId: 'run-1', stage: 'one', pool: 'gpu', kind: 'train' } as const;
const at = (step: number, loss?: number): Progress => ({
  phase: 'train',
  step,
  total: 100,
  stepsPerSecond: 4,
  etaSeconds: 1,
  metrics: loss === undefined ? {} : { loss, dataWait: 0.25 },
});

async function samples(use: (subject: ReturnType<typeof stageMetrics>) => void): Promise<string> {
  const metrics = createMetrics({ processMetrics: false });
  use(stageMetrics(metrics, 'gpu'));
  return metrics.text();
}

const LABELS = 'project="birds",pool="gpu",kind="train"';

describe('the metrics of stages', () => {
  it('count the steps done, from where an attempt resumed', async () => {
    const text = await samples((subject) => {
      subject.progressed(job, at(40));
      subject.progressed(job, at(42, 1.5));
      subject.progressed(job, at(45));
      subject.ended(job, { outcome: 'ChildKilled', seconds: 3 });
      subject.progressed(job, at(42));
      subject.progressed(job, at(43));
    });
    expect(text).toContain(`vitrine_training_steps_total{${LABELS}} 6`);
    expect(text).toContain(`vitrine_training_step_rate{${LABELS}} 4`);
    expect(text).toContain(`vitrine_training_loss{${LABELS}} 1.5`);
    expect(text).toContain(`vitrine_training_data_wait_ratio{${LABELS}} 0.25`);
    expect(text).toContain(`vitrine_stage_attempts_total{${LABELS},outcome="ChildKilled"} 1`);
    expect(text).toContain(`vitrine_stage_seconds_sum{${LABELS}} 3`);
  });

  it('tell checkpoints and devices in use, and name no run', async () => {
    const text = await samples((subject) => {
      subject.busy(2);
      subject.stored(job, { bytes: 1000, seconds: 0.2 });
    });
    expect(text).toContain('vitrine_pool_slots_busy{pool="gpu"} 2');
    expect(text).toContain(`vitrine_checkpoint_bytes_total{${LABELS}} 1000`);
    expect(text).toContain(`vitrine_checkpoint_seconds_count{${LABELS}} 1`);
    expect(text).not.toContain('run-1');
  });
});
