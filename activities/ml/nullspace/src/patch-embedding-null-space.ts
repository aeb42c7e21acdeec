/**
 * Pixel noise that a patch embedding does not see.
 *
 * Paper: Liu, Singh, Li, Wang, "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers", CPAL 2025
 * (arXiv 2403.10476), the input-level null space. Reference followed: github.com/Liu-Hy/NS-ViT, commit e7a89f1.
 *
 * A patch embedding with kernel = stride = r is one matrix W [D × m], m = C·r², applied to every flattened patch
 * (channel, row, column). What lies in { v : W v = 0 } leaves the embeddings, and with them the logits, as they are.
 *
 * Differs from the reference: the basis is joint over the channels. Bases per channel span a subspace of it, and none at
 * all when D ≥ r², where the joint one still has m − D dimensions.
 */
import { formatShape, normal, nullSpace, PURPOSE, ShapeError } from '@vitrine/ml-tensor';
import type { HostTensor, NullSpace, RealMatrix } from '@vitrine/ml-tensor';

export interface PatchEmbeddingNullSpace extends NullSpace {
  /** W, [D × C·r²], row major. */
  readonly weights: RealMatrix;
  readonly channels: number;
  /** r, in pixels. */
  readonly patchSize: number;
}

/**
 * The null space of a patch embedding's weight [D, C, r, r].
 * @throws ShapeError when the weight has another rank or its patches are not square
 */
export function patchEmbeddingNullSpace(weight: HostTensor): PatchEmbeddingNullSpace {
  const [rows, channels, patchSize, columns] = weight.shape;
  if (weight.shape.length !== 4 || rows === undefined || channels === undefined || patchSize === undefined)
    throw new ShapeError('patch embedding weight', 'shape [D, C, r, r]', formatShape(weight.shape));
  if (patchSize !== columns)
    throw new ShapeError('patch embedding weight', 'square patches', formatShape(weight.shape));
  const weights = { rows, columns: channels * patchSize ** 2, data: Float64Array.from(weight.data) };
  return { ...nullSpace(weights), weights, channels, patchSize };
}

/** The patch embedding has full column rank: every change of a patch shows in its embedding. */
export class EmptyNullSpaceError extends Error {
  override readonly name = 'EmptyNullSpaceError';

  constructor(
    readonly rank: number,
    readonly patchNumbers: number,
  ) {
    super(`null space of the patch embedding: expected rank below ${patchNumbers}, got ${rank}`);
  }
}

/**
 * A Gaussian sample of the null space, drawn independently for every patch and scaled as a whole.
 * @param norm Frobenius norm over the image, in normalised pixels
 * @returns noise [C, S, S] in normalised pixels
 * @throws EmptyNullSpaceError when there is nothing but zero; ShapeError when the patches do not tile the image
 */
export function samplePixelNoise(
  space: PatchEmbeddingNullSpace,
  options: { readonly imageSize: number; readonly norm: number; readonly seed: number },
): Float32Array {
  const { nullity, basis, weights } = space;
  if (nullity === 0) throw new EmptyNullSpaceError(space.rank, weights.columns);
  const patches = patchCount(space, options.imageSize);
  const sample = new Float64Array(patches * weights.columns);
  for (let patch = 0; patch < patches; patch++) {
    const z = normal({ seed: options.seed, purpose: PURPOSE.nullspaceSample, index: patch }, nullity);
    for (let i = 0; i < weights.columns; i++) {
      let value = 0;
      for (let k = 0; k < nullity; k++) value += (basis[i * nullity + k] ?? 0) * (z[k] ?? 0);
      sample[patch * weights.columns + i] = value;
    }
  }
  const scale = options.norm / frobenius(sample);
  const noise = new Float32Array(sample.length);
  forEachPixel(space, options.imageSize, ({ pixel, patch, column }) => {
    noise[pixel] = scale * (sample[patch * weights.columns + column] ?? 0);
  });
  return noise;
}

/**
 * ‖W V‖ / (σ_max(W) ‖V‖) over all patches, in float64: 0 for exact null-space noise, about 1e-8 once it is rounded to
 * float32, 1 for the direction that W amplifies most.
 * @param noise [C, S, S]
 */
export function relativeResidual(
  space: PatchEmbeddingNullSpace,
  noise: Float32Array,
  imageSize: number,
): number {
  const { weights, singularValues } = space;
  const patches = patchCount(space, imageSize);
  const flat = new Float64Array(patches * weights.columns);
  forEachPixel(space, imageSize, ({ pixel, patch, column }) => {
    flat[patch * weights.columns + column] = noise[pixel] ?? 0;
  });
  let squared = 0;
  for (let patch = 0; patch < patches; patch++)
    for (let row = 0; row < weights.rows; row++) {
      let value = 0;
      for (let i = 0; i < weights.columns; i++)
        value += (weights.data[row * weights.columns + i] ?? 0) * (flat[patch * weights.columns + i] ?? 0);
      squared += value * value;
    }
  return Math.sqrt(squared) / ((singularValues[0] ?? 0) * frobenius(flat));
}

/** Noise of normalised pixels in the units of pixels in [0, 1]: times the standard deviation of each channel, no mean. */
export function toPixelUnits(noise: Float32Array, std: readonly number[]): Float32Array {
  const plane = noise.length / std.length;
  return noise.map((value, i) => value * (std[Math.floor(i / plane)] ?? 1));
}

/** √Σ v², over all entries. */
export function frobenius(values: Float32Array | Float64Array): number {
  let squared = 0;
  for (const value of values) squared += value * value;
  return Math.sqrt(squared);
}

function patchCount({ patchSize }: PatchEmbeddingNullSpace, imageSize: number): number {
  if (imageSize % patchSize !== 0)
    throw new ShapeError('pixel noise', `an image size divisible by ${patchSize}`, `${imageSize}`);
  return (imageSize / patchSize) ** 2;
}

/** Visits every pixel of [C, S, S] with its patch (row by row) and its column of W (channel, row, column in the patch). */
function forEachPixel(
  { channels, patchSize }: PatchEmbeddingNullSpace,
  imageSize: number,
  visit: (at: { pixel: number; patch: number; column: number }) => void,
): void {
  const grid = imageSize / patchSize;
  let pixel = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < imageSize; y++)
      for (let x = 0; x < imageSize; x++, pixel++) {
        const patch = Math.floor(y / patchSize) * grid + Math.floor(x / patchSize);
        const column = (channel * patchSize + (y % patchSize)) * patchSize + (x % patchSize);
        visit({ pixel, patch, column });
      }
}
