import { ERRORS, type ErrorCode } from '@vitrine/contracts';
import { replay, type MetricLabels, type Metrics } from '@vitrine/metrics';
import type { StageMetrics } from '@vitrine/stages';

type Subject = Parameters<StageMetrics['began']>[0];
type StageLabels = MetricLabels<'vitrine_training_loss'>;

/** What is remembered of an attempt while it runs; times in milliseconds of the clock. */
interface Running {
  readonly labels: StageLabels;
  step: number | undefined;
  heardOf: number;
  /** Since when its work is in no checkpoint; undefined while it has none to lose. */
  unsavedSince: number | undefined;
  /** Since when its devices have worked for nothing, should it be lost. */
  lostSince: number;
}

/** Ends that are no retry and no failure of a number. */
const NON_FINITE: ErrorCode = 'NonFiniteLoss';

/**
 * What the stages of a pool measure, as the catalogue's metrics. Ids of runs are told apart in here, for as long as their
 * attempts run, and never become labels.
 * @param now milliseconds of a clock that never goes back
 */
export function stageMetrics(metrics: Metrics, pool: string, now: () => number): StageMetrics {
  const running = new Map<string, Running>();
  const seen = new Map<string, StageLabels>();

  const labelsOf = ({ project, kind }: Subject): StageLabels => {
    const key = `${project}/${kind}`;
    const known = seen.get(key);
    if (known) return known;
    const labels = { project, pool, kind };
    seen.set(key, labels);
    // From zero on: a counter that appears with its first event would hide it from `increase`.
    metrics.inc({ name: 'vitrine_training_nonfinite_total', labels }, 0);
    metrics.inc({ name: 'vitrine_device_lost_seconds_total', labels }, 0);
    metrics.inc({ name: 'vitrine_training_steps_total', labels }, 0);
    metrics.zero({ name: 'vitrine_stage_dispatch_seconds', labels });
    metrics.zero({ name: 'vitrine_stage_recovery_seconds', labels });
    for (const budget of ['infrastructure', 'own', 'uncounted'])
      metrics.inc({ name: 'vitrine_stage_retries_total', labels: { ...labels, budget } }, 0);
    return labels;
  };

  /** Of all attempts of a kind the worst: one that hangs is not hidden by one that does not. */
  const lookAtRunning = (): void => {
    const at = now();
    for (const labels of seen.values()) {
      const of = [...running.values()].filter((attempt) => attempt.labels === labels);
      const longest = (since: readonly (number | undefined)[]): number =>
        Math.max(0, ...since.map((time) => (time === undefined ? 0 : (at - time) / 1000)));
      metrics.set({ name: 'vitrine_stages_running', labels }, of.length);
      metrics.set(
        { name: 'vitrine_stage_silence_seconds', labels },
        longest(of.map(({ heardOf }) => heardOf)),
      );
      metrics.set(
        { name: 'vitrine_checkpoint_age_seconds', labels },
        longest(of.map(({ unsavedSince }) => unsavedSince)),
      );
    }
  };
  metrics.onRead(lookAtRunning);

  return {
    busy: (devices) => metrics.set({ name: 'vitrine_pool_slots_busy', labels: { pool } }, devices),
    began: (job, { queueSeconds }) => {
      const at = now();
      const labels = labelsOf(job);
      running.set(keyOf(job), {
        labels,
        step: undefined,
        heardOf: at,
        unsavedSince: undefined,
        lostSince: at,
      });
      metrics.observe({ name: 'vitrine_stage_queue_seconds', labels }, queueSeconds);
    },
    started: (job, { dispatchSeconds, recoverySeconds }) => {
      const labels = labelsOf(job);
      metrics.observe({ name: 'vitrine_stage_dispatch_seconds', labels }, dispatchSeconds);
      if (recoverySeconds !== undefined)
        metrics.observe({ name: 'vitrine_stage_recovery_seconds', labels }, recoverySeconds);
    },
    lives: (job) => {
      const attempt = running.get(keyOf(job));
      if (attempt) attempt.heardOf = now();
    },
    ended: (job, { outcome, seconds, devices }) => {
      const labels = labelsOf(job);
      const attempt = running.get(keyOf(job));
      running.delete(keyOf(job));
      metrics.inc({ name: 'vitrine_stage_attempts_total', labels: { ...labels, outcome } });
      metrics.observe({ name: 'vitrine_stage_seconds', labels }, seconds);
      metrics.inc({ name: 'vitrine_device_seconds_total', labels }, seconds * devices);
      if (outcome === 'succeeded') return;
      const lost = attempt ? (now() - attempt.lostSince) / 1000 : seconds;
      metrics.inc({ name: 'vitrine_device_lost_seconds_total', labels }, lost * devices);
      if (outcome === NON_FINITE) metrics.inc({ name: 'vitrine_training_nonfinite_total', labels });
      const budget = Object.hasOwn(ERRORS, outcome) ? ERRORS[outcome as ErrorCode].retry : 'never';
      if (budget !== 'never')
        metrics.inc({ name: 'vitrine_stage_retries_total', labels: { ...labels, budget } });
    },
    progressed: (job, { step, stepsPerSecond, metrics: { loss, dataWait } }) => {
      const labels = labelsOf(job);
      const attempt = running.get(keyOf(job));
      // The first report of an attempt tells where it resumed, not what it has done.
      const done = Math.max(0, step - (attempt?.step ?? step));
      if (attempt) {
        attempt.step = step;
        if (done > 0) attempt.unsavedSince ??= attempt.lostSince;
      }
      metrics.inc({ name: 'vitrine_training_steps_total', labels }, done);
      metrics.set({ name: 'vitrine_training_step_rate', labels }, stepsPerSecond);
      if (loss !== undefined) metrics.set({ name: 'vitrine_training_loss', labels }, loss);
      if (dataWait !== undefined) metrics.set({ name: 'vitrine_training_data_wait_ratio', labels }, dataWait);
    },
    stored: (job, { bytes, seconds, stallSeconds }) => {
      const labels = labelsOf(job);
      const attempt = running.get(keyOf(job));
      if (attempt) {
        attempt.lostSince = now() - seconds * 1000;
        attempt.unsavedSince = undefined;
      }
      metrics.observe({ name: 'vitrine_checkpoint_seconds', labels }, seconds);
      metrics.inc({ name: 'vitrine_checkpoint_stall_seconds_total', labels }, stallSeconds);
      metrics.inc({ name: 'vitrine_checkpoint_bytes_total', labels }, bytes);
    },
    measured: (samples) => replay(samples, metrics),
  };
}

function keyOf({ project, runId, stage }: Subject): string {
  return `${project}/${runId}/${stage}`;
}
