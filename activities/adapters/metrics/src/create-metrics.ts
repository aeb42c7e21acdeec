import { METRICS, type MetricDefinition, type MetricName } from '@vitrine/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type NameOf<Type extends MetricDefinition['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends Type ? N : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;

/** Exactly the labels that the catalogue gives the metric. */
export type MetricLabels<N extends MetricName> = Readonly<
  Record<(typeof METRICS)[N]['labels'][number], string>
>;

/** A metric and its labels, checked against the catalogue by the compiler. */
export type Series<N extends MetricName> = {
  readonly [M in N]: { readonly name: M; readonly labels: MetricLabels<M> };
}[N];

/** Where what is measured goes: a registry, or on the way to one. */
export interface MetricSink {
  /** Adds to a counter; by 1 unless told otherwise. */
  inc(series: Series<CounterName>, by?: number): void;
  set(series: Series<GaugeName>, value: number): void;
  /** Seconds or bytes, as the name says. */
  observe(series: Series<HistogramName>, value: number): void;
}

export interface Metrics extends MetricSink {
  /** Shows a histogram before its first value, so that the first one is a rise. */
  zero(series: Series<HistogramName>): void;
  /** Called before each reading, to set what is only known by looking. */
  onRead(look: () => void): void;
  /** Everything in Prometheus' text format. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Also tell CPU time, memory and event-loop lag of this process. Default: true. */
  readonly processMetrics?: boolean;
}

/** The catalogue of contracts as a registry of its own; there is no global one. */
export function createMetrics({ processMetrics = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const looks: (() => void)[] = [];
  for (const [name, { type, help, labels, buckets }] of Object.entries<MetricDefinition>(METRICS)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(common));
    else if (type === 'gauge') gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, ...(buckets && { buckets: [...buckets] }) }));
  }
  return {
    inc: ({ name, labels }, by = 1) => counters.get(name)?.inc(labels, by),
    set: ({ name, labels }, value) => gauges.get(name)?.set(labels, value),
    observe: ({ name, labels }, value) => histograms.get(name)?.observe(labels, value),
    zero: ({ name, labels }) => histograms.get(name)?.zero(labels),
    onRead: (look) => void looks.push(look),
    text: () => {
      for (const look of looks) look();
      return registry.metrics();
    },
  };
}
