/**
 * Random crop with zero padding and random horizontal flip, the usual augmentation of CIFAR.
 * Paper: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2 (padding 4, 32 × 32 crop, flip).
 *
 * Differs from the paper: nothing is drawn from a running generator; the choice for an image is a function of
 * (seed, step, position in the batch).
 */
import { PURPOSE, randomBits } from '@vitrine/ml-tensor';
import { toUnit } from './images.js';

/** How one image is moved: the crop's origin relative to the image, −padding … padding, and the mirror. */
export interface Augmentation {
  readonly top: number;
  readonly left: number;
  readonly mirror: boolean;
}

export interface AugmentationPolicy {
  /** Zero padding in pixels on each side before the crop; 0 switches the crop off. */
  readonly cropPadding: number;
  /** Mirror half of the images left to right. */
  readonly flip: boolean;
}

/** The augmentation of the image at `index` of the batch of `step`. */
export function drawAugmentation(
  key: { readonly seed: number; readonly step: number; readonly index: number },
  policy: AugmentationPolicy,
): Augmentation {
  const [top = 0, left = 0, mirror = 0] = randomBits({ ...key, purpose: PURPOSE.augmentation }, 3);
  const choices = 2 * policy.cropPadding + 1;
  const offset = (bits: number): number => Math.floor(bits * 2 ** -32 * choices) - policy.cropPadding;
  return { top: offset(top), left: offset(left), mirror: policy.flip && (mirror & 1) === 1 };
}

export interface Placed extends Augmentation {
  readonly channels: number;
  readonly size: number;
}

/**
 * Writes one image [C, H, W], cropped, mirrored and scaled to [0, 1], to `target`; what lies outside the image is 0.
 * @param source its C·H·W bytes
 */
export function augmentImage(source: Uint8Array, target: Float32Array, placed: Placed): void {
  place(placed, (to, from) => (target[to] = from < 0 ? 0 : toUnit(source[from] ?? 0)));
}

/** The bytes of one image, cropped and mirrored; what lies outside the image is 0. */
export function cropImage(source: Uint8Array, placed: Placed): Uint8Array {
  const target = new Uint8Array(source.length);
  place(placed, (to, from) => (target[to] = from < 0 ? 0 : (source[from] ?? 0)));
  return target;
}

/** Where each pixel comes from; from −1, when that is outside the image. */
function place(
  { channels, size, top, left, mirror }: Placed,
  write: (to: number, from: number) => void,
): void {
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < size; row++) {
      const from = (channel * size + row + top) * size;
      const to = (channel * size + row) * size;
      const inside = row + top >= 0 && row + top < size;
      for (let column = 0; column < size; column++) {
        const sourceColumn = (mirror ? size - 1 - column : column) + left;
        const hit = inside && sourceColumn >= 0 && sourceColumn < size;
        write(to + column, hit ? from + sourceColumn : -1);
      }
    }
}
