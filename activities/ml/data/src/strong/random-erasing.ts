/**
 * Random erasing: Zhong et al., "Random Erasing Data Augmentation", AAAI 2020. Reference followed: timm 1.0.31,
 * `random_erasing.py`, mode `pixel` or `const`; its values are of normalised pixels, these of pixels in [0, 1], so noise is
 * mean + std · N(0, 1) and constants are the mean.
 */
import { Draws, PURPOSE } from '@vitrine/ml-tensor';

export interface ErasingPolicy {
  readonly probability: number;
  /** Share of the image's area. */
  readonly minArea: number;
  readonly maxArea: number;
  /** The larger ratio of height and width is at most 1 / minAspect. */
  readonly minAspect: number;
  readonly mode: 'pixel' | 'const';
  /** Of the data, per channel, of pixels in [0, 1]. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const ATTEMPTS = 10;

/** Erases a rectangle of the image [C, S, S] in place, or none. */
export function eraseRandomly(
  pixels: Float32Array,
  size: number,
  {
    key,
    policy,
  }: { readonly key: { seed: number; step: number; index: number }; readonly policy: ErasingPolicy },
): void {
  const draws = new Draws({ ...key, purpose: PURPOSE.erasing });
  if (draws.uniform() >= policy.probability) return;
  const box = drawBox(draws, size, policy);
  if (!box) return;
  const channels = pixels.length / size ** 2;
  for (let channel = 0; channel < channels; channel++)
    for (let row = box.top; row < box.top + box.height; row++)
      for (let column = box.left; column < box.left + box.width; column++) {
        const noise = policy.mode === 'pixel' ? (policy.std[channel] ?? 0) * draws.normal() : 0;
        pixels[(channel * size + row) * size + column] = (policy.mean[channel] ?? 0) + noise;
      }
}

function drawBox(draws: Draws, size: number, { minArea, maxArea, minAspect }: ErasingPolicy) {
  const widest = -Math.log(minAspect);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = (minArea + draws.uniform() * (maxArea - minArea)) * size ** 2;
    const aspect = Math.exp((2 * draws.uniform() - 1) * widest);
    const height = Math.round(Math.sqrt(area * aspect));
    const width = Math.round(Math.sqrt(area / aspect));
    if (width >= size || height >= size) continue;
    const [top, left] = [draws.integer(0, size - height + 1), draws.integer(0, size - width + 1)];
    return { top, left, height, width };
  }
  return undefined;
}
