import { ERRORS, STAGE_KINDS, type Progress } from '@vitrine/contracts';
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
const stored = { bytes: 1000, seconds: 0.2, stallSeconds: 0.05 };

function subjectWith(now = () => 0) {
  const metrics = createMetrics({ processMetrics: false });
  return { subject: stageMetrics(metrics, 'gpu', now), text: () => metrics.text() };
}

const LABELS = 'project="birds",pool="gpu",kind="train"';

describe('the metrics of stages', () => {
  it('count the steps done, from where an attempt resumed', async () => {
    const { subject, text } = subjectWith();
    subject.began(job, { queueSeconds: 2 });
    subject.progressed(job, at(40));
    subject.progressed(job, at(42, 1.5));
    subject.progressed(job, at(45));
    subject.ended(job, { outcome: 'ChildKilled', seconds: 3, devices: 2 });
    subject.began(job, { queueSeconds: 0 });
    subject.started(job, { dispatchSeconds: 0.3, recoverySeconds: 16 });
    subject.progressed(job, at(42));
    subject.progressed(job, at(43));
    const page = await text();
    expect(page).toContain(`vitrine_training_steps_total{${LABELS}} 6`);
    expect(page).toContain(`vitrine_training_step_rate{${LABELS}} 4`);
    expect(page).toContain(`vitrine_training_loss{${LABELS}} 1.5`);
    expect(page).toContain(`vitrine_training_data_wait_ratio{${LABELS}} 0.25`);
    expect(page).toContain(`vitrine_stage_attempts_total{${LABELS},outcome="ChildKilled"} 1`);
    expect(page).toContain(`vitrine_stage_retries_total{${LABELS},budget="infrastructure"} 1`);
    expect(page).toContain(`vitrine_stage_seconds_sum{${LABELS}} 3`);
    expect(page).toContain(`vitrine_device_seconds_total{${LABELS}} 6`);
    expect(page).toContain(`vitrine_stage_queue_seconds_count{${LABELS}} 2`);
    expect(page).toContain(`vitrine_stage_recovery_seconds_sum{${LABELS}} 16`);
  });

  it('tell the silence and the unsaved work of the attempt that is worst off', async () => {
    let now = 0;
    const { subject, text } = subjectWith(() => now);
    const other = { ...job, runId: 'run-2' };
    subject.began(job, { queueSeconds: 0 });
    subject.began(other, { queueSeconds: 0 });
    subject.progressed(job, at(0));
    subject.progressed(job, at(1));
    subject.lives(job);
    now = 60_000;
    subject.lives(other);
    expect(await text()).toContain(`vitrine_stage_silence_seconds{${LABELS}} 60\n`);
    expect(await text()).toContain(`vitrine_checkpoint_age_seconds{${LABELS}} 60\n`);
    expect(await text()).toContain(`vitrine_stages_running{${LABELS}} 2\n`);
    subject.lives(job);
    subject.stored(job, stored);
    now = 90_000;
    subject.progressed(job, at(2));
    expect(await text()).toContain(`vitrine_checkpoint_age_seconds{${LABELS}} 30.2\n`);
    subject.ended(job, { outcome: 'WorkerShutdown', seconds: 90, devices: 1 });
    subject.ended(other, { outcome: 'succeeded', seconds: 90, devices: 1 });
    expect(await text()).toContain(`vitrine_device_lost_seconds_total{${LABELS}} 30.2\n`);
    expect(await text()).toContain(`vitrine_stage_silence_seconds{${LABELS}} 0\n`);
    expect(await text()).toContain(`vitrine_checkpoint_age_seconds{${LABELS}} 0\n`);
  });

  it('begin with zeros, so that the first loss that is no number is an increase', async () => {
    const { subject, text } = subjectWith();
    subject.began(job, { queueSeconds: 0 });
    expect(await text()).toContain(`vitrine_training_nonfinite_total{${LABELS}} 0\n`);
    expect(await text()).toContain(`vitrine_stage_recovery_seconds_count{${LABELS}} 0\n`);
    subject.ended(job, { outcome: 'NonFiniteLoss', seconds: 1, devices: 1 });
    expect(await text()).toContain(`vitrine_training_nonfinite_total{${LABELS}} 1\n`);
  });

  it('tell checkpoints and devices in use', async () => {
    const { subject, text } = subjectWith();
    subject.busy(2);
    subject.stored(job, stored);
    expect(await text()).toContain('vitrine_pool_slots_busy{pool="gpu"} 2');
    expect(await text()).toContain(`vitrine_checkpoint_bytes_total{${LABELS}} 1000`);
    expect(await text()).toContain(`vitrine_checkpoint_seconds_count{${LABELS}} 1`);
    expect(await text()).toContain(`vitrine_checkpoint_stall_seconds_total{${LABELS}} 0.05`);
  });

  it('are as many after ten thousand runs as after as many as there are ends of each kind', async () => {
    const { subject, text } = subjectWith();
    const outcomes = ['succeeded', ...Object.keys(ERRORS)];
    const enough = STAGE_KINDS.length * outcomes.length;
    const run = (index: number): void => {
      const kind = STAGE_KINDS[index % STAGE_KINDS.length] ?? 'noop';
      const outcome = outcomes[Math.floor(index / STAGE_KINDS.length) % outcomes.length] ?? '';
      const subjectOf = { ...job, kind, runId: `run-${index}`, stage: `stage-${index % 97}` };
      subject.began(subjectOf, { queueSeconds: index % 7 });
      subject.started(subjectOf, { dispatchSeconds: 0.1, recoverySeconds: 1 });
      subject.lives(subjectOf);
      subject.progressed(subjectOf, at(index, 1));
      subject.stored(subjectOf, stored);
      subject.ended(subjectOf, { outcome, seconds: 1, devices: 1 });
    };
    const series = async (): Promise<number> =>
      (await text()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    for (let index = 0; index < enough; index += 1) run(index);
    const bound = await series();
    for (let index = enough; index < 10_000; index += 1) run(index);
    expect(await series()).toBe(bound);
    expect(await text()).not.toMatch(/run-\d|stage-\d/);
  });
});
