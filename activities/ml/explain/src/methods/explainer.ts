/**
 * One interface for every explanation: for a batch of images and the classes to explain, one number per patch, more for what
 * matters more. Whatever can say that, a smoothed method or a method of others, is one more `Explainer`.
 */
import type { HostInputs, RunningProgram } from '@vitrine/ml-tensor';

export interface HostBatch {
  /** B × C × S × S in [0, 1]. */
  readonly pixels: Float32Array;
  /** Classes to explain, [B]. */
  readonly targets: Int32Array;
  /** Number of the first image within its set, of which random draws are a function; 0 when left out. */
  readonly first?: number;
  /** Images that are asked about: those behind fill the batch, and their maps are not looked at. All when left out. */
  readonly count?: number;
}

export interface Explainer {
  /** Stable: it names columns, files and colours. */
  readonly name: string;
  /** [B, N], a function of the batch; yields between pieces of long work, so that a caller can see to other duties. */
  explain(batch: HostBatch): Generator<void, Float32Array, void>;
}

/** What programs take of a batch. */
export const inputsOf = ({ pixels, targets }: HostBatch): HostInputs => ({ pixels, targets });

/** An explainer that is one call of a function of a program with the output `map`. */
export function oneCall<F extends string>(name: F, program: Pick<RunningProgram<F>, 'run'>): Explainer {
  return {
    name,
    // One piece of work: it comes to its end without a pause.
    *explain(batch) {
      return program.run(name, inputsOf(batch))['map']?.data as Float32Array;
    },
  };
}

/** The end of an explanation, for callers without other duties. */
export function explainAtOnce(explainer: Explainer, batch: HostBatch): Float32Array {
  const pieces = explainer.explain(batch);
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}
