import { createHash } from 'node:crypto';
import type { ImageSet } from '@vitrine/datasets';
import { countingGrid } from '@vitrine/ml-explain';

/** 3 × 3 cells; a cell is a patch of the model, and its colour all there is to see, so two pixels a side are enough. */
const SHAPE = { cells: 3, cellSize: 2 };
const SIZE = SHAPE.cells * SHAPE.cellSize;
const PIXELS = 3 * SIZE * SIZE;

/** So many that a training of 3,000 batches of 64 meets every grid once, as one that draws fresh ones would. */
const GRIDS = { train: 200_000, test: 4_000 } as const;
const SEEDS = { train: 1, test: 2 } as const;

/** Grids of the counting task with their red cells, the same in every run. */
export function countingImages(split: 'train' | 'test', limit?: number): ImageSet {
  const count = Math.min(limit ?? Infinity, GRIDS[split]);
  const pixels = new Uint8Array(new SharedArrayBuffer(count * PIXELS));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  const masks = new Uint8Array(new SharedArrayBuffer(count * SIZE * SIZE));
  for (let index = 0; index < count; index++) {
    const grid = countingGrid(SHAPE, { seed: SEEDS[split], step: 0, index });
    labels[index] = grid.label;
    grid.pixels.forEach((value, at) => (pixels[index * PIXELS + at] = 255 * value));
    for (let at = 0; at < SIZE * SIZE; at++) {
      const [row, column] = [
        Math.floor(at / SIZE / SHAPE.cellSize),
        Math.floor((at % SIZE) / SHAPE.cellSize),
      ];
      masks[index * SIZE * SIZE + at] = grid.red[row * SHAPE.cells + column] ?? 0;
    }
  }
  return {
    ...{ name: 'counting', split, count, channels: 3, size: SIZE, pixels, labels },
    classNames: Array.from({ length: SHAPE.cells ** 2 + 1 }, (_, red) => `${red} red`),
    sha256: createHash('sha256').update(labels).update(pixels).digest('hex'),
    regions: { masks, eitherSide: true },
  };
}
