/**
 * Draws of one image under noise, in batches. The noise of a draw is a function of (seed, image, draw), whatever batch it is
 * in and whoever computes it: results depend neither on the size of batches nor on how images are shared out.
 */
import { coefficientRows, exactRow, stepForSigma, type NoiseSchedule } from '@vitrine/ml-diffusion';
import { normal, PURPOSE, type HostTensor, type RunningProgram } from '@vitrine/ml-tensor';
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

  private inputs(image: DrawnImage, part: DrawRange): Record<string, Float32Array> {
    const { diffusion, sigma, batch } = this.settings;
    const stride = image.pixels.length;
    if (!diffusion) return { noisy: this.filled(image, part, (pixel, z) => pixel + sigma * z) };
    const row = exactRow(diffusion.schedule, { t: this.step, sigma });
    const [signal = NaN, noise = NaN] = row;
    const noisy = this.filled(image, part, (pixel, z) => signal * (2 * pixel - 1) + noise * z);
    if (diffusion.mode === 'one-shot') return { noisy, rows: repeated(row, batch) };
    return this.walkBack({ image: image.index, noisy, stride }, part);
  }

  /** Every ancestral step down to step 0, from where one call gives the clean image. */
  private walkBack(
    from: { readonly image: number; readonly noisy: Float32Array; readonly stride: number },
    part: DrawRange,
  ): Record<string, Float32Array> {
    const { diffusion, batch, seed } = this.settings;
    const schedule = (diffusion as NonNullable<DrawSettings['diffusion']>).schedule;
    let { noisy } = from;
    for (let t = this.step; t > 0; t--) {
      const draws = new Float32Array(noisy.length);
      for (let i = 0; i < part.count; i++) {
        // Every step of every draw has numbers of its own: by a seed that the draw and the image choose.
        const key = { seed: (seed ^ (from.image * 0x9e3779b1)) >>> 0, purpose: PURPOSE.samplingNoise };
        draws.set(normal({ ...key, step: t, index: part.first + i }, from.stride), i * from.stride);
      }
      const rows = repeated(coefficientRows(schedule, [{ t }]), batch);
      noisy = this.model.run('back', { noisy, rows, draws })['noisy']?.data as Float32Array;
    }
    return { noisy, rows: repeated(coefficientRows(schedule, [{ t: 0 }]), batch) };
  }

  private filled(
    { index, pixels }: DrawnImage,
    { first, count }: DrawRange,
    mix: (pixel: number, z: number) => number,
  ): Float32Array {
    const all = new Float32Array(this.settings.batch * pixels.length);
    for (let i = 0; i < count; i++) {
      const key = { seed: this.settings.seed, purpose: PURPOSE.smoothing, step: first + i, index };
      normal(key, pixels.length).forEach((z, at) => (all[i * pixels.length + at] = mix(pixels[at] ?? 0, z)));
    }
    return all;
  }
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
