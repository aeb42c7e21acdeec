/** Where the search for a noise starts. Axes: `N` patch tokens, `D` width, `P` numbers of a patch. */
import { normal, PURPOSE, uniform, type HostTensor, type RandomKey } from '@vitrine/ml-tensor';
import type { SynthesisSettings } from './synthesis-settings.js';

/** The patch embedding: weight [D, C, r, r] and bias [D]. */
export interface Stem {
  readonly weight: HostTensor;
  readonly bias: HostTensor;
}

export interface NoiseSize {
  readonly tokens: number;
  readonly width: number;
}

/** Images behind the start `mean-image`, and the variance of one of their pixels, uniform in (−2, 2). */
const MEAN_OF = 10_000;
const PIXEL_VARIANCE = 16 / 12;

/**
 * Entries of the start: U(−limit, limit), of norm about limit·√(ND/3); in mode `random` N(0, 1), of norm about √(ND).
 * The embedding is linear, so the mean embedding of many images is that of their mean, whose pixels are normal.
 * @param key.index which of the noises that are sought at once
 */
export function startingNoise(
  { tokens, width }: NoiseSize,
  settings: Pick<SynthesisSettings, 'mode' | 'init' | 'limit'>,
  key: { readonly seed: number; readonly round: number; readonly index?: number; readonly stem?: Stem },
): Float32Array {
  const { seed, round, index = 0, stem } = key;
  const stream: RandomKey = { seed, purpose: PURPOSE.noiseStart, step: round, index };
  const count = tokens * width;
  if (settings.mode === 'random') return normal(stream, count);
  if (settings.init === 'uniform' || !stem)
    return uniform(stream, count).map((value) => (2 * value - 1) * settings.limit);
  const length = stem.weight.data.length / width;
  const pixels =
    settings.init === 'ones-image'
      ? new Float32Array(tokens * length).fill(1)
      : normal(stream, tokens * length).map((value) => value * Math.sqrt(PIXEL_VARIANCE / MEAN_OF));
  return embedded(pixels, stem, length);
}

function embedded(patches_NP: Float32Array, { weight, bias }: Stem, length: number): Float32Array {
  const width = bias.data.length;
  return Float32Array.from({ length: (patches_NP.length / length) * width }, (_, at) => {
    const [patch, row] = [Math.floor(at / width), at % width];
    let value = bias.data[row] ?? 0;
    for (let i = 0; i < length; i++)
      value += (weight.data[row * length + i] ?? 0) * (patches_NP[patch * length + i] ?? 0);
    return value;
  });
}
