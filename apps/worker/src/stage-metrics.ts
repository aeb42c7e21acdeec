import type { Metrics } from '@vitrine/metrics';
import type { StageMetrics } from '@vitrine/stages';

/** What the stages of a pool measure, as the catalogue's metrics. Run ids never become labels. */
export function stageMetrics(metrics: Metrics, pool: string): StageMetrics {
  const stepsSeen = new Map<string, number>();
  const labelsOf = ({ project, kind }: { project: string; kind: string }) => ({ project, pool, kind });
  return {
    busy: (devices) => metrics.set({ name: 'vitrine_pool_slots_busy', labels: { pool } }, devices),
    ended: (job, { outcome, seconds }) => {
      stepsSeen.delete(keyOf(job));
      const labels = labelsOf(job);
      metrics.inc({ name: 'vitrine_stage_attempts_total', labels: { ...labels, outcome } });
      metrics.observe({ name: 'vitrine_stage_seconds', labels }, seconds);
    },
    progressed: (job, { step, stepsPerSecond, metrics: { loss, dataWait } }) => {
      const labels = labelsOf(job);
      // The first report of an attempt tells where it resumed, not what it has done.
      const before = stepsSeen.get(keyOf(job)) ?? step;
      stepsSeen.set(keyOf(job), step);
      metrics.inc({ name: 'vitrine_training_steps_total', labels }, Math.max(0, step - before));
      metrics.set({ name: 'vitrine_training_step_rate', labels }, stepsPerSecond);
      if (loss !== undefined) metrics.set({ name: 'vitrine_training_loss', labels }, loss);
      if (dataWait !== undefined) metrics.set({ name: 'vitrine_training_data_wait_ratio', labels }, dataWait);
    },
    stored: (job, { bytes, seconds }) => {
      const labels = labelsOf(job);
      metrics.observe({ name: 'vitrine_checkpoint_seconds', labels }, seconds);
      metrics.inc({ name: 'vitrine_checkpoint_bytes_total', labels }, bytes);
    },
  };
}

function keyOf({ project, runId, stage }: { project: string; runId: string; stage: string }): string {
  return `${project}/${runId}/${stage}`;
}
