import type { Forecast, Interval, StageSpec } from '@vitrine/contracts';
import { keyDifferences } from './explain-key.js';

/** A stage that was computed from its start to its end. */
export interface ComputedSample {
  readonly kind: StageSpec['kind'];
  readonly params: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly devices: number;
  readonly bytes: number;
}

/** The described stage, as far as its duration may depend on it. */
export type ForecastStage = Pick<StageSpec, 'kind' | 'params' | 'resources'>;

/**
 * What a stage will take, from those of its kind whose parameters differ in the fewest fields.
 * @returns undefined when none of its kind was ever computed
 */
export function forecast(stage: ForecastStage, history: readonly ComputedSample[]): Forecast | undefined {
  const measured = history
    .filter(({ kind }) => kind === stage.kind)
    .map((sample) => ({ sample, differences: distance(sample.params, stage.params) }));
  if (measured.length === 0) return undefined;
  const differences = Math.min(...measured.map((one) => one.differences));
  const samples = measured.flatMap((one) => (one.differences === differences ? [one.sample] : []));
  const seconds = samples.map((sample) => sample.seconds);
  return {
    seconds: intervalOf(seconds),
    deviceSeconds: intervalOf(seconds.map((value) => value * stage.resources.devices)),
    bytes: intervalOf(samples.map(({ bytes }) => bytes)),
    samples: samples.length,
    differences,
  };
}

function distance(before: ComputedSample['params'], after: ComputedSample['params']): number {
  return keyDifferences({ params: { ...before } }, { params: { ...after } }).length;
}

/** Tenth, half and nine tenths, between neighbours in proportion. @throws RangeError when there are no values */
export function intervalOf(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number): number => {
    const position = (sorted.length - 1) * fraction;
    const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
    if (low === undefined || high === undefined) throw new RangeError('interval: expected values, got none');
    return low + (high - low) * (position - Math.floor(position));
  };
  return { low: at(0.1), median: at(0.5), high: at(0.9) };
}

export const NOTHING: Interval = { low: 0, median: 0, high: 0 };

export function sumOf(intervals: readonly Interval[]): Interval {
  return intervals.reduce(
    (sum, { low, median, high }) => ({
      low: sum.low + low,
      median: sum.median + median,
      high: sum.high + high,
    }),
    NOTHING,
  );
}

/** The same again and again. */
export function times({ low, median, high }: Interval, count: number): Interval {
  return { low: low * count, median: median * count, high: high * count };
}

/** The later of several ends, bound by bound. */
export function latestOf(intervals: readonly Interval[]): Interval {
  return intervals.reduce(
    (latest, { low, median, high }) => ({
      low: Math.max(latest.low, low),
      median: Math.max(latest.median, median),
      high: Math.max(latest.high, high),
    }),
    NOTHING,
  );
}
