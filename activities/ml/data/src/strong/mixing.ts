/**
 * Mixup: Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018. CutMix: Yun et al., "CutMix: Regularization
 * Strategy to Train Strong Classifiers with Localizable Features", ICCV 2019. Reference followed: timm 1.0.31, `mixup.py`,
 * mode `batch`: one share for the batch, whose partners are the batch reversed.
 */
import { Draws, PURPOSE } from '@vitrine/ml-tensor';
import type { BatchBuffers } from '../images.js';

export interface MixingPolicy {
  /** α of the share's beta distribution; 0 switches mixup off. */
  readonly mixup: number;
  /** Likewise for CutMix. */
  readonly cutmix: number;
  /** Of blending a batch at all. */
  readonly probability: number;
  /** Of CutMix, where both are on. */
  readonly switchProbability: number;
}

/** How a batch is blended: with a share of each image's own, or a box of the partner's pixels, rows and columns up to `high`. */
export type Mixing =
  | { readonly kind: 'none' }
  | { readonly kind: 'mixup'; readonly share: number }
  | {
      readonly kind: 'cutmix';
      readonly share: number;
      readonly rows: readonly [low: number, high: number];
      readonly columns: readonly [low: number, high: number];
    };

/** The blend of the batch of a step. */
export function drawMixing(
  key: { readonly seed: number; readonly step: number },
  { mixup, cutmix, probability, switchProbability }: MixingPolicy,
  size: number,
): Mixing {
  const draws = new Draws({ ...key, purpose: PURPOSE.mixing });
  if (draws.uniform() >= probability || (mixup === 0 && cutmix === 0)) return { kind: 'none' };
  const cut = draws.uniform() < switchProbability;
  if (mixup > 0 && (cutmix === 0 || !cut)) return { kind: 'mixup', share: draws.beta(mixup, mixup) };
  const side = Math.trunc(size * Math.sqrt(1 - draws.beta(cutmix, cutmix)));
  const range = (): [number, number] => {
    const centre = draws.integer(0, size);
    const inside = (place: number): number => Math.min(Math.max(place, 0), size);
    return [inside(centre - Math.floor(side / 2)), inside(centre + Math.floor((side + 1) / 2))];
  };
  const [rows, columns] = [range(), range()];
  // The share of what is left after the box is clipped at the border.
  const share = 1 - ((rows[1] - rows[0]) * (columns[1] - columns[0])) / size ** 2;
  return { kind: 'cutmix', share, rows, columns };
}

/** Blends a batch of images [B, C, S, S] with itself reversed, in place, and says so in `mix`. */
export function mixBatch({ pixels, labels, mix }: BatchBuffers, size: number, mixing: Mixing): void {
  if (!mix) return;
  mix.partners.set(labels.toReversed());
  mix.shares.fill(mixing.kind === 'none' ? 1 : mixing.share);
  if (mixing.kind === 'none') return;
  const before = pixels.slice();
  const stride = pixels.length / labels.length;
  const partnerOf = (at: number): number => {
    const image = Math.floor(at / stride);
    return before[(labels.length - 1 - image) * stride + (at % stride)] ?? 0;
  };
  if (mixing.kind === 'mixup') {
    before.forEach((pixel, at) => (pixels[at] = mixing.share * pixel + (1 - mixing.share) * partnerOf(at)));
    return;
  }
  const [rows, columns] = [mixing.rows, mixing.columns];
  for (let plane = 0; plane < pixels.length; plane += size ** 2)
    for (let row = rows[0]; row < rows[1]; row++)
      for (let column = columns[0]; column < columns[1]; column++) {
        const at = plane + row * size + column;
        pixels[at] = partnerOf(at);
      }
}
