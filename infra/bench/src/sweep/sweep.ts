import type { BenchOptions } from '../bench.js';
import type { Figure } from '../figure.js';
import { decisions } from './decisions.js';
import { throughTemporal } from './through-temporal.js';

/** What a sweep costs of each trial: of its decisions and its log by themselves, and of whole trials beside Temporal and Ray Tune. */
export async function* sweep(options: BenchOptions): AsyncGenerator<Figure> {
  yield* decisions(options);
  if (['temporal', 'ray'].some((name) => name.includes(options.only))) yield* throughTemporal(options);
}
