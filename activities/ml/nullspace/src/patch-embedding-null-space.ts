/**
 * Pixel noise that a patch embedding does not see.
 *
 * Paper: Liu, Singh, Li, Wang, "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers", CPAL 2025
 * (arXiv 2403.10476), the input-level null space. Reference followed: github.com/Liu-Hy/NS-ViT, commit e7a89f1.
 *
 * A patch embedding with kernel = stride = r is one matrix W [D × m], m = C·r², applied to every flattened patch
 * (channel, row, column). What lies in { v : W v = 0 } leaves the embeddings, and with them the logits, as they are.
 *
 * Differs from the reference: the null space is joint over the channels unless asked for per channel. Those per channel
 * span a part of it, and none at all when D ≥ r², where the joint one still has m − D dimensions.
 */
import {
  formatShape,
  normal,
  nullSpace,
  nullSpaceBasis,
  projectOnNullSpace,
  PURPOSE,
  rankBy,
  ShapeError,
  type HostTensor,
  type NullSpace,
  type RankRule,
  type RealMatrix,
} from '@vitrine/ml-tensor';
import { frobenius, fromPatches, toPatches, type PatchGrid } from './patches.js';

export interface PatchEmbeddingNullSpace {
  /** W, [D × C·r²], row major. */
  readonly weights: RealMatrix;
  readonly channels: number;
  /** r, in pixels. */
  readonly patchSize: number;
  /** C·r² − nullity. */
  readonly rank: number;
  /** Dimension of what noise is drawn from, per patch. */
  readonly nullity: number;
  /** Of W, largest first. */
  readonly singularValues: Float64Array;
  /** Singular values of W at or below it count as 0. */
  readonly tolerance: number;
  /** The rank of W by each rule. */
  readonly ranks: Readonly<Record<RankRule, number>>;
  /** One for the whole patch, or one for each channel. */
  readonly parts: readonly NullSpace[];
}

export interface NullSpaceChoice {
  readonly rule?: RankRule;
  readonly basis?: 'joint' | 'per-channel';
}

/**
 * The null space of a patch embedding's weight [D, C, r, r].
 * @throws ShapeError when the weight has another rank or its patches are not square
 */
export function patchEmbeddingNullSpace(
  weight: HostTensor,
  { rule = 'scipy', basis = 'joint' }: NullSpaceChoice = {},
): PatchEmbeddingNullSpace {
  const [rows, channels, patchSize, width] = weight.shape;
  if (weight.shape.length !== 4 || rows === undefined || channels === undefined || patchSize === undefined)
    throw new ShapeError('patch embedding weight', 'shape [D, C, r, r]', formatShape(weight.shape));
  if (patchSize !== width)
    throw new ShapeError('patch embedding weight', 'square patches', formatShape(weight.shape));
  const columns = channels * patchSize ** 2;
  const weights = { rows, columns, data: Float64Array.from(weight.data) };
  const joint = nullSpace(weights, rule);
  const parts =
    basis === 'joint'
      ? [joint]
      : Array.from({ length: channels }, (_, channel) =>
          nullSpace(channelOf(weights, channels, channel), rule),
        );
  const nullity = parts.reduce((sum, part) => sum + part.nullity, 0);
  const { singularValues, tolerance } = joint;
  const ranked = (by: RankRule): number => rankBy(by, { rows, columns, singularValues }).rank;
  return {
    ...{ weights, channels, patchSize, nullity, rank: columns - nullity, singularValues, tolerance, parts },
    ranks: { scipy: ranked('scipy'), strict: ranked('strict') },
  };
}

function channelOf({ rows, columns, data }: RealMatrix, channels: number, channel: number): RealMatrix {
  const length = columns / channels;
  const part = Array.from({ length: rows }, (_, row) => {
    const first = row * columns + channel * length;
    return [...data.subarray(first, first + length)];
  });
  return { rows, columns: length, data: Float64Array.from(part.flat()) };
}

/** The patch embedding has full column rank: every change of a patch shows in its embedding. */
export class EmptyNullSpaceError extends Error {
  override readonly name = 'EmptyNullSpaceError';

  constructor(
    readonly rank: number,
    readonly patchNumbers: number,
  ) {
    super(
      `null space of the patch embedding: expected rank below ${patchNumbers}, got ${rank}; ` +
        'seek a noise that the encoder does not see instead',
    );
  }
}

/** Moves the patches [N × m] to the nearest ones of the null space, in place. */
export function projectPatches(space: PatchEmbeddingNullSpace, patches: Float64Array): Float64Array {
  const length = space.weights.columns / space.parts.length;
  for (let first = 0, at = 0; first < patches.length; first += length, at++)
    projectOnNullSpace(
      space.parts[at % space.parts.length] as NullSpace,
      patches.subarray(first, first + length),
    );
  return patches;
}

/** Orthonormal vectors of a patch's m numbers that span what noise is drawn from. */
export function patchBasis({ parts, weights }: PatchEmbeddingNullSpace): readonly Float64Array[] {
  return parts.flatMap((part, at) =>
    nullSpaceBasis(part).map((vector) => {
      const whole = new Float64Array(weights.columns);
      whole.set(vector, at * part.columns);
      return whole;
    }),
  );
}

export interface PixelNoiseOptions {
  readonly imageSize: number;
  /** Frobenius norm over the image, in normalised pixels. */
  readonly norm: number;
  readonly seed: number;
  /** Rings of patches at the border that stay as they are; 0 by default. */
  readonly margin?: number;
}

/**
 * A Gaussian sample of the null space, drawn independently for every patch and scaled as a whole.
 * @returns noise [C, S, S] in normalised pixels
 * @throws EmptyNullSpaceError when there is nothing but zero; ShapeError when the patches do not tile the image, or the
 * margin leaves none
 */
export function samplePixelNoise(space: PatchEmbeddingNullSpace, options: PixelNoiseOptions): Float32Array {
  const { imageSize, seed, margin = 0 } = options;
  const length = space.weights.columns;
  if (space.nullity === 0) throw new EmptyNullSpaceError(space.rank, length);
  const grid = gridOf(space, imageSize);
  const side = imageSize / space.patchSize;
  if (2 * margin >= side)
    throw new ShapeError('pixel noise', `a margin below ${side / 2} patches`, `${margin}`);
  const sample = new Float64Array(side ** 2 * length);
  const isFilled = (at: number): boolean => at >= margin && at < side - margin;
  for (let patch = 0; patch < side ** 2; patch++)
    if (isFilled(Math.floor(patch / side)) && isFilled(patch % side))
      sample.set(normal({ seed, purpose: PURPOSE.nullspaceSample, index: patch }, length), patch * length);
  projectPatches(space, sample);
  const scale = options.norm / frobenius(sample);
  return fromPatches(
    grid,
    sample.map((value) => value * scale),
  );
}

/**
 * ‖W V‖ / (σ_max(W) ‖V‖) over all patches, in float64: 0 for exact null-space noise, about 1e-8 once it is rounded to
 * float32, 1 for the direction that W amplifies most. 0 for no noise at all.
 * @param noise [C, S, S]
 */
export function relativeResidual(
  space: PatchEmbeddingNullSpace,
  noise: Float32Array,
  imageSize: number,
): number {
  const { weights, singularValues } = space;
  const flat = toPatches(gridOf(space, imageSize), noise);
  let squared = 0;
  for (let first = 0; first < flat.length; first += weights.columns)
    for (let row = 0; row < weights.rows; row++) {
      let value = 0;
      for (let i = 0; i < weights.columns; i++)
        value += (weights.data[row * weights.columns + i] ?? 0) * (flat[first + i] ?? 0);
      squared += value * value;
    }
  return squared === 0 ? 0 : Math.sqrt(squared) / ((singularValues[0] ?? 0) * frobenius(flat));
}

/** @throws ShapeError when the patches do not tile the image */
export function gridOf(
  { channels, patchSize }: Pick<PatchEmbeddingNullSpace, 'channels' | 'patchSize'>,
  imageSize: number,
): PatchGrid {
  if (imageSize % patchSize !== 0)
    throw new ShapeError('pixel noise', `an image size divisible by ${patchSize}`, `${imageSize}`);
  return { channels, patchSize, imageSize };
}
