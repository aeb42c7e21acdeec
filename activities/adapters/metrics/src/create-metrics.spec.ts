import { METRICS, type MetricDefinition } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';

const labels = { project: 'default', pool: 'gpu', kind: 'train' };

describe('the metrics of the catalogue', () => {
  it.each(Object.entries<MetricDefinition>(METRICS))(
    '%s is registered with its help and type',
    async (name, { type, help }) => {
      const text = await createMetrics({ processMetrics: false }).text();
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    },
  );

  it.each(Object.entries<MetricDefinition>(METRICS))(
    '%s has a name as its type demands',
    (name, { type, buckets }) => {
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(buckets !== undefined).toBe(type === 'histogram');
      expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
    },
  );

  it('counts, sets and observes', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.inc({ name: 'vitrine_training_steps_total', labels });
    metrics.inc({ name: 'vitrine_training_steps_total', labels }, 4);
    metrics.set({ name: 'vitrine_pool_slots_busy', labels: { pool: 'gpu' } }, 3);
    metrics.observe({ name: 'vitrine_checkpoint_seconds', labels }, 0.2);
    const lines = (await metrics.text()).split('\n');
    expect(lines).toContain('vitrine_training_steps_total{project="default",pool="gpu",kind="train"} 5');
    expect(lines).toContain('vitrine_pool_slots_busy{pool="gpu"} 3');
    expect(lines).toContain(
      'vitrine_checkpoint_seconds_bucket{le="0.1",project="default",pool="gpu",kind="train"} 0',
    );
    expect(lines).toContain(
      'vitrine_checkpoint_seconds_bucket{le="0.5",project="default",pool="gpu",kind="train"} 1',
    );
  });

  it('does not compile with labels that the catalogue does not have', () => {
    const metrics = createMetrics({ processMetrics: false });
    // @ts-expect-error a label is missing
    metrics.set({ name: 'vitrine_training_loss', labels: { pool: 'gpu' } }, 1);
    // @ts-expect-error a counter is not set
    metrics.set({ name: 'vitrine_training_steps_total', labels }, 1);
    expect(() => {
      // @ts-expect-error run ids do not belong in labels
      metrics.set({ name: 'vitrine_pool_slots', labels: { pool: 'gpu', run: 'x' } }, 1);
    }).toThrow('run');
  });

  it('are kept apart from those of another registry', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.set({ name: 'vitrine_pool_slots', labels: { pool: 'gpu' } }, 1);
    expect(await other.text()).not.toContain('vitrine_pool_slots{');
    expect(await other.text()).toContain('process_cpu_seconds_total');
  });
});
