/**
 * What the driver and the programs it measures say to each other: one JSON object a line on standard input and output,
 * a reply to each. `../peers/serve.py` is its other implementation.
 *
 * The driver holds the clock and reads the memory, so that both sides are measured by the same means.
 */

export type Request =
  /** Makes the task and warms it up. */
  | { readonly do: 'prepare'; readonly case: Case }
  /** Does the task so often; the reply comes when the last result is on the host. */
  | { readonly do: 'round'; readonly times: number }
  | { readonly do: 'end' };

/** What one program is to do. Further fields are the task's own. */
export interface Case {
  readonly task: string;
  readonly device: Device;
  readonly threads: number;
  readonly precision: Precision;
  /** Ours: as graphs that are recorded once, or operation by operation. */
  readonly execution: Execution;
  /** PyTorch: through `torch.compile`. */
  readonly compiled: boolean;
}

export type Device = 'cpu' | 'gpu';
export type Precision = 'float32' | 'bfloat16';
export type Execution = 'captured' | 'eager';

/** Results that both sides must agree on before anything is timed. */
export interface Check {
  readonly name: string;
  readonly values: readonly number[];
}

/** JSON has no word for what is no number: it travels as null. */
export interface Prepared {
  readonly checks: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}
