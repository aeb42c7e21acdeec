/** The steps of a search, one after another, on the host. */
import type { RunningProgram } from '@vitrine/ml-tensor';
import type { SynthesisFunction } from './synthesis-program.js';
import { synthesisRates, type SynthesisSettings } from './synthesis-settings.js';

/** One of the noises after a step. */
export interface NoiseProgress {
  /** Its own updates, when none came after it met the tolerance. */
  readonly step: number;
  readonly converged: boolean;
  /** Of the noise before this step's update, on this step's batch. */
  readonly mseProbs: number;
  readonly mseLogits: number;
  readonly loss: number;
  /** What was compared with ε; null when nothing was. */
  readonly tested: number | null;
  /** Frobenius norm of the noise as it is now. */
  readonly norm: number;
}

export interface SynthesisProgress {
  /** Updates done. */
  readonly step: number;
  /** Of every noise. */
  readonly converged: boolean;
  readonly noises: readonly NoiseProgress[];
}

/** The loss or the noise is no number any more, or the noise has left every scale. */
export class NoiseDivergedError extends Error {
  override readonly name = 'NoiseDivergedError';

  constructor(
    /** Updates done before the one that went wrong. */
    readonly step: number,
    readonly loss: number,
    readonly norm: number,
  ) {
    super(`noise synthesis, step ${step}: expected a finite loss and norm, got loss ${loss}, norm ${norm}`);
  }
}

/** Pixels [B, C, H, W] of held-out images, and 1 for each that counts. */
export interface HeldOutBatch {
  readonly pixels: Float32Array;
  readonly weights: Float32Array;
}

export interface NoiseSearchOptions {
  readonly fromStep: number;
  readonly settings: SynthesisSettings;
  /** M. */
  readonly noises: number;
  /** Pixels [B, C, H, W] for the update of that number (0-based). */
  readonly nextBatch: (step: number) => Promise<Float32Array>;
  /** For a stop on held-out images. */
  readonly heldOut?: () => Iterable<HeldOutBatch>;
  /** A norm above it is an explosion. */
  readonly normLimit: number;
}

/**
 * Steps until every noise meets the tolerance or `maxSteps` updates are done; yields after every step, so that the caller
 * can store the state, stop, and go on from it later with the same result.
 * @throws NoiseDivergedError
 */
export async function* synthesizeNoise(
  program: Pick<RunningProgram<SynthesisFunction>, 'run'>,
  search: NoiseSearchOptions,
): AsyncGenerator<SynthesisProgress, void, void> {
  const { settings, nextBatch } = search;
  for (let step = search.fromStep; step < settings.maxSteps; step++) {
    const outputs = program.run('search', {
      heldOut: heldOutCriterion(program, search, step),
      pixels: await nextBatch(step),
      rates: synthesisRates(settings, step),
    });
    const noises = Array.from(outputs['done']?.data ?? [], (done, m): NoiseProgress => {
      const figure = (name: string): number => outputs[name]?.data[m] ?? NaN;
      const tested = figure('tested');
      return {
        step: done > 0 ? step : step + 1,
        converged: done > 0,
        mseProbs: figure('mseProbs'),
        mseLogits: figure('mseLogits'),
        loss: figure('loss'),
        tested: Number.isFinite(tested) ? tested : null,
        norm: figure('norm'),
      };
    });
    const lost = noises.find(
      ({ loss, norm }) => !Number.isFinite(loss) || !Number.isFinite(norm) || norm > search.normLimit,
    );
    if (lost) throw new NoiseDivergedError(step, lost.loss, lost.norm);
    const converged = noises.every((noise) => noise.converged);
    yield { step: converged ? step : step + 1, converged, noises };
    if (converged) return;
  }
}

/** Mean of the criterion over the held-out images, where this step looks at it; else infinite. */
function heldOutCriterion(
  program: Pick<RunningProgram<SynthesisFunction>, 'run'>,
  { settings, heldOut, noises }: NoiseSearchOptions,
  step: number,
): Float32Array {
  const means = new Float32Array(noises);
  if (settings.stopOn !== 'held-out' || !heldOut || step % settings.window !== 0) return means.fill(Infinity);
  let images = 0;
  for (const { pixels, weights } of heldOut()) {
    const { sums } = program.run('measure', { pixels, weights });
    sums?.data.forEach((sum, m) => (means[m] += sum));
    images += weights.reduce((count, weight) => count + weight, 0);
  }
  return means.map((sum) => sum / images);
}
