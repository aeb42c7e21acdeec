import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { measure, MetricBuffer, metricSampleSchema, replay } from './metric-buffer.js';
import { s3Meter } from './s3-meter.js';

const labels = { project: 'birds', pool: 'gpu', kind: 'train' };

describe('what a short-lived process measured', () => {
  it('comes out of another registry as if it had been measured there', async () => {
    const [direct, far] = [
      createMetrics({ processMetrics: false }),
      createMetrics({ processMetrics: false }),
    ];
    const buffer = new MetricBuffer();
    for (const sink of [direct, buffer]) {
      for (const seconds of [0.02, 0.3, 7])
        measure(sink, { name: 'vitrine_training_step_seconds', labels }, seconds);
      measure(sink, { name: 'vitrine_training_samples_total', labels }, 64);
      measure(sink, { name: 'vitrine_training_samples_total', labels }, 64);
      measure(sink, { name: 'vitrine_training_loss', labels }, 2);
      measure(sink, { name: 'vitrine_training_loss', labels }, 1.5);
      s3Meter(sink)({ operation: 'GetObject', outcome: 'ok', seconds: 0.1, sentBytes: 0, receivedBytes: 10 });
    }
    const sent = metricSampleSchema.array().parse(JSON.parse(JSON.stringify(buffer.take())));
    replay(sent, far);
    expect(await far.text()).toBe(await direct.text());
    expect(await far.text()).toContain(
      'vitrine_training_samples_total{project="birds",pool="gpu",kind="train"} 128',
    );
  });

  it('is handed over once', () => {
    const buffer = new MetricBuffer();
    measure(buffer, { name: 'vitrine_training_samples_total', labels }, 1);
    expect(buffer.take()).toHaveLength(1);
    expect(buffer.take()).toEqual([]);
  });
});
