import { METRICS, type MetricName } from '@vitrine/contracts';
import { z } from 'zod';
import type { MetricSink, Series } from './create-metrics.js';

/** What a process measured that nobody scrapes, as it is handed to one that is. */
export const metricSampleSchema = z.strictObject({
  name: z.enum(Object.keys(METRICS) as [MetricName, ...MetricName[]]),
  labels: z.record(z.string(), z.string()),
  /** One of a counter, the sum; one of a gauge, the latest; all of a histogram. */
  values: z.array(z.number()).min(1),
});
export type MetricSample = z.infer<typeof metricSampleSchema>;

type Held = {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  values: number[];
};

/** Keeps what a short-lived process measures until it is handed over: nothing is lost, whenever it ends. */
export class MetricBuffer implements MetricSink {
  private held = new Map<string, Held>();

  inc(series: Parameters<MetricSink['inc']>[0], by = 1): void {
    const held = this.of(series);
    held.values = [(held.values[0] ?? 0) + by];
  }

  set(series: Parameters<MetricSink['set']>[0], value: number): void {
    this.of(series).values = [value];
  }

  observe(series: Parameters<MetricSink['observe']>[0], value: number): void {
    this.of(series).values.push(value);
  }

  /** Everything since the last call. */
  take(): MetricSample[] {
    const taken = [...this.held.values()];
    this.held = new Map();
    return taken;
  }

  private of({ name, labels }: Pick<Held, 'name' | 'labels'>): Held {
    const key = `${name} ${Object.values(labels).join(' ')}`;
    const known = this.held.get(key);
    if (known) return known;
    const held: Held = { name, labels, values: [] };
    this.held.set(key, held);
    return held;
  }
}

type StageLabels = (typeof METRICS)['vitrine_training_loss']['labels'];

/** Metrics with the labels of a stage and no others. */
export type StageMetricName = {
  [N in MetricName]: (typeof METRICS)[N]['labels'] extends StageLabels ? N : never;
}[MetricName];

/** Measures again what another process has measured. */
export function replay(samples: readonly MetricSample[], sink: MetricSink): void {
  for (const { name, labels, values } of samples) {
    for (const value of values) measure(sink, { name, labels }, value);
  }
}

/** Adds, sets or observes, as the catalogue says of the name. */
export function measure(
  sink: MetricSink,
  { name, labels }: Pick<MetricSample, 'name' | 'labels'>,
  value: number,
): void {
  const { type } = METRICS[name];
  const series = { name, labels } as Series<never>;
  if (type === 'counter') sink.inc(series, value);
  else if (type === 'gauge') sink.set(series, value);
  else sink.observe(series, value);
}
