/**
 * Draws of one image under noise, in batches. The noise of a draw is a function of (seed, image, draw), whatever batch it is
 * in and whoever computes it: results depend neither on the size of batches nor on how images are shared out. The program draws
 * it; what it is fed says where.
 */
import { coefficientRows, exactRow, stepForSigma, type NoiseSchedule } from '@vitrine/ml-diffusion';
import { PURPOSE, type HostTensor, type RunningProgram } from '@vitrine/ml-tensor';
import { drawStream, type StreamPlace } from './draw-stream.js';
import type { SmoothingFunction } from './smoothing-program.js';

export interface DrawSettings {
  /** Standard deviation of the noise, for pixels in [0, 1]; added as it is, not as the nearest step has it. */
  readonly sigma: number;
  readonly seed: number;
  /** Draws of one call of the program. */
  readonly batch: number;
  /** Of the denoiser; absent, pixels with noise go to the classifier as they are. */
  readonly diffusion?: {
    readonly schedule: NoiseSchedule;
    /** One call of the denoiser, or every step from the noise's own to the first. */
    readonly mode: 'one-shot' | 'multi-step';
  };
}

/** One image, by its number within the data set, its pixels in [0, 1]. */
export interface DrawnImage {
  readonly index: number;
  readonly pixels: Float32Array;
}

export interface DrawRange {
  readonly first: number;
  readonly count: number;
}

/** A logit that is no number, for which no class can be counted. */
export class NonFiniteLogitsError extends Error {
  override readonly name = 'NonFiniteLogitsError';

  constructor(
    readonly image: number,
    readonly draws: DrawRange,
  ) {
    super(`image ${image}, draws ${draws.first} to ${draws.first + draws.count - 1}: expected finite logits`);
  }
}

/** Pixels outside [0, 1]: noise of σ means something else on another scale. */
export class PixelScaleError extends RangeError {
  override readonly name = 'PixelScaleError';

  constructor(readonly actual: string) {
    super(`pixels: expected values in [0, 1], got ${actual}`);
  }
}

/** @throws PixelScaleError with the range found */
export function checkPixels(pixels: Float32Array): void {
  let [low, high] = [Infinity, -Infinity];
  for (const value of pixels) {
    if (!(value >= low)) low = value;
    if (!(value <= high)) high = value;
  }
  if (low >= 0 && high <= 1) return;
  throw new PixelScaleError(`values from ${low} to ${high}`);
}

type Model = Pick<RunningProgram<SmoothingFunction>, 'run'>;
type Outputs = Readonly<Record<string, HostTensor>>;

/** Draws of images on one running program. */
export class Drawer {
  /** The step whose noise the denoiser is told. */
  private readonly step: number;

  /** @throws NoiseRangeError when the schedule does not reach sigma */
  constructor(
    private readonly model: Model,
    private readonly settings: DrawSettings,
  ) {
    const { diffusion, sigma } = settings;
    this.step = diffusion ? stepForSigma(diffusion.schedule, sigma) : 0;
  }

  /** The class of each draw. @throws NonFiniteLogitsError */
  *labels(image: DrawnImage, range: DrawRange): Generator<void, Int32Array, void> {
    const labels = new Int32Array(range.count);
    for (const part of this.parts(range)) {
      const { labels: found } = this.ask('vote', image, part);
      labels.set((found?.data as Int32Array).subarray(0, part.count), part.first - range.first);
      yield;
    }
    return labels;
  }

  /** Attention and logits of each draw, row by row. @throws NonFiniteLogitsError */
  *sights(
    image: DrawnImage,
    range: DrawRange,
  ): Generator<void, { attention: Float32Array[]; logits: Float32Array[] }, void> {
    const attention: Float32Array[] = [];
    const logits: Float32Array[] = [];
    for (const part of this.parts(range)) {
      const outputs = this.ask('look', image, part);
      attention.push(...rowsOf(outputs['attention'], part.count));
      logits.push(...rowsOf(outputs['logits'], part.count));
      yield;
    }
    return { attention, logits };
  }

  private *parts({ first, count }: DrawRange): Generator<DrawRange, void, void> {
    const { batch } = this.settings;
    for (let done = 0; done < count; done += batch)
      yield { first: first + done, count: Math.min(batch, count - done) };
  }

  private ask(what: 'vote' | 'look', image: DrawnImage, part: DrawRange): Outputs {
    const outputs = this.model.run(what, this.inputs(image, part));
    if (outputs['finite']?.data[0] === 1) return outputs;
    throw new NonFiniteLogitsError(image.index, part);
  }

  /**
   * The gradient by the pixels of what an attack wants, averaged over one batch of draws. For a denoiser of many steps it is
   * that of one call of it.
   */
  push(pixels: Float32Array, wish: Wish): Float32Array {
    const { label, inside, aim, image, step } = wish;
    const outputs = this.model.run('push', {
      pixels,
      label: Int32Array.of(label),
      inside,
      aim: aim === 'class' ? Float32Array.of(1, 0) : Float32Array.of(0, 1),
      ...this.told({ purpose: PURPOSE.smoothedAttack, image, first: 0, step }, pixels.length),
    });
    return outputs['gradient']?.data as Float32Array;
  }

  private inputs({ index: image, pixels }: DrawnImage, { first }: DrawRange): Fed {
    const { diffusion, batch } = this.settings;
    const at = { purpose: PURPOSE.smoothing, image, first };
    const fed = { images: repeated(pixels, batch), ...this.told(at, pixels.length) };
    return diffusion?.mode === 'multi-step' ? this.walkBack(fed, { ...at, stride: pixels.length }) : fed;
  }

  /** How image and noise are mixed, where the noise begins, and what the denoiser is told. */
  private told(at: Omit<StreamPlace, 'seed' | 'stride'>, stride: number): Fed {
    const { diffusion, sigma, batch, seed } = this.settings;
    const stream = drawStream({ ...at, seed, stride });
    if (!diffusion) return { mix: Float32Array.of(1, 0, sigma), stream };
    const row = exactRow(diffusion.schedule, { t: this.step, sigma });
    const [signal = NaN, noise = NaN] = row;
    return { mix: Float32Array.of(2 * signal, -signal, noise), stream, rows: repeated(row, batch) };
  }

  /** Every ancestral step down to step 0, from where one call gives the clean image. */
  private walkBack(fed: Fed, place: Omit<StreamPlace, 'seed' | 'purpose'>): Fed {
    const { diffusion, batch, seed } = this.settings;
    const { schedule } = diffusion as NonNullable<DrawSettings['diffusion']>;
    const rowsOf = (t: number): Float32Array => repeated(coefficientRows(schedule, [{ t }]), batch);
    let images = this.model.run('mix', fed)['images']?.data as Float32Array;
    for (let t = this.step; t > 0; t--) {
      const stream = drawStream({ ...place, seed, purpose: PURPOSE.smoothingBack, step: t });
      images = this.model.run('back', { images, stream, rows: rowsOf(t) })['images']?.data as Float32Array;
    }
    // No more noise: the image as it has become.
    return { ...fed, images, mix: Float32Array.of(1, 0, 0), rows: rowsOf(0) };
  }
}

type Fed = Record<string, Float32Array | Int32Array>;

/** What an attack wants of a smoothed model: another class than this, or attention away from the tokens marked by 1. */
export interface Wish {
  readonly aim: 'class' | 'attention';
  readonly label: number;
  /** [N]. */
  readonly inside: Float32Array;
  /** Number of the image, and of the step of the attack: the noise is of both. */
  readonly image: number;
  readonly step: number;
}

function repeated(row: Float32Array, times: number): Float32Array {
  const all = new Float32Array(row.length * times);
  for (let i = 0; i < times; i++) all.set(row, i * row.length);
  return all;
}

function rowsOf(tensor: HostTensor | undefined, count: number): Float32Array[] {
  const width = tensor?.shape[1] ?? 0;
  return Array.from({ length: count }, (_, i) =>
    Float32Array.from((tensor?.data ?? []).slice(i * width, (i + 1) * width)),
  );
}
