import { createHash } from 'node:crypto';
import type { Datasets, ImageSet } from '@vitrine/datasets';
import { uniform } from '@vitrine/ml-tensor';

const CLASSES = ['red', 'green', 'blue', 'grey'];

/** Images of `size` pixels in four colours with noise: learnable in a few steps, and the same in every run. */
export function syntheticImages(split: 'train' | 'test', count: number, size = 8): ImageSet {
  const pixels = new Uint8Array(new SharedArrayBuffer(count * 3 * size * size));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  // The object is the left half.
  const masks = new Uint8Array(new SharedArrayBuffer(count * size * size));
  masks.forEach((_, i) => (masks[i] = i % size < size / 2 ? 1 : 0));
  for (let image = 0; image < count; image++) {
    const label = image % CLASSES.length;
    labels[image] = label;
    const noise = uniform({ seed: split === 'train' ? 1 : 2, purpose: 95, index: image }, 3 * size * size);
    noise.forEach((value, i) => {
      const bright = label === Math.floor(i / (size * size)) || label === 3;
      pixels[image * noise.length + i] = (bright ? 150 : 60) + 90 * (value - 0.5);
    });
  }
  const sha256 = createHash('sha256').update(labels).update(pixels).digest('hex');
  return {
    name: 'cifar10-sample',
    split,
    count,
    channels: 3,
    size,
    pixels,
    labels,
    regions: { masks, eitherSide: false },
    classNames: CLASSES,
    sha256,
  };
}

export const syntheticDatasets: Datasets = {
  load: (_name, split, limit) =>
    Promise.resolve(syntheticImages(split, limit ?? (split === 'train' ? 32 : 20))),
};
