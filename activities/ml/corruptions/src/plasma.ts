/**
 * A plasma fractal by diamond and square steps on a torus: Fournier, Fussell, Carpenter, "Computer Rendering of Stochastic
 * Models", Communications of the ACM 1982.
 */
import type { Draws } from '@vitrine/ml-tensor';
import type { Plane } from './plane.js';

/**
 * Heights from 0 to 1.
 * @param size a power of two
 * @param decay by which the noise shrinks from step to step
 */
export function plasma(size: number, decay: number, draws: Draws): Plane {
  const values = new Float64Array(size * size);
  const read = (row: number, column: number): number =>
    values[((row + size) % size) * size + ((column + size) % size)] ?? 0;
  let noise = 100;
  for (let step = size; step >= 2; step /= 2) {
    const half = step / 2;
    const fill = (first: readonly [number, number], mean: (row: number, column: number) => number): void => {
      for (let row = first[0]; row < size; row += step)
        for (let column = first[1]; column < size; column += step)
          values[row * size + column] = mean(row, column) / 4 + noise * noise * (2 * draws.uniform() - 1);
    };
    const cross = (row: number, column: number): number =>
      read(row - half, column) +
      read(row + half, column) +
      read(row, column - half) +
      read(row, column + half);
    fill([half, half], (row, column) =>
      [-half, half].reduce(
        (sum, by) => sum + read(row + by, column - half) + read(row + by, column + half),
        0,
      ),
    );
    fill([0, half], cross);
    fill([half, 0], cross);
    noise /= decay;
  }
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const span = high - low || 1;
  return { values: values.map((value) => (value - low) / span), size };
}
