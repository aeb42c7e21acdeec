import type { Figure } from './figure.js';
import type { Device, Execution } from './protocol.js';

export interface BenchOptions {
  /** The form that ends within ten minutes on two idle cores. */
  readonly quick: boolean;
  readonly device: Device;
  /** Of both sides. */
  readonly threads: number;
  /** Of our side. */
  readonly execution: Execution;
  /** Measures the cases whose name contains this. */
  readonly only: string;
  /** Figures of earlier runs, which `train-step` and `kernels` do not measure again. */
  readonly before: readonly Figure[];
  /** Of those with several, in place of all. */
  readonly seeds: readonly number[] | undefined;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly about: string;
  /** Figures as they come. */
  readonly run: (options: BenchOptions) => AsyncIterable<Figure>;
}
