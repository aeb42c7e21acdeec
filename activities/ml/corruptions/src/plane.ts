/** Planes of numbers: one channel of a square image, rows one after the other. */

export interface Plane {
  readonly values: Float64Array;
  readonly size: number;
}

/** How a plane goes on outside itself, as SciPy names it: `nearest` a|aab, `reflect` ba|ab, `mirror` cb|abc. */
export type Border = 'nearest' | 'reflect' | 'mirror';

/** The place inside 0 … size − 1 that a place outside stands for. */
export function inside(place: number, size: number, border: Border): number {
  if (place >= 0 && place < size) return place;
  if (border === 'nearest' || size === 1) return Math.min(Math.max(place, 0), size - 1);
  const period = border === 'reflect' ? 2 * size : 2 * size - 2;
  const folded = ((place % period) + period) % period;
  if (folded < size) return folded;
  return border === 'reflect' ? period - 1 - folded : period - folded;
}

/** Each value computed from its row and column. */
export function planeOf(size: number, value: (row: number, column: number) => number): Plane {
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) values[row * size + column] = value(row, column);
  return { values, size };
}

export const at = ({ values, size }: Plane, row: number, column: number): number =>
  values[row * size + column] ?? 0;

/** Between four neighbours, in proportion. */
export function interpolate(plane: Plane, [row, column]: readonly [number, number], border: Border): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - top, column - left];
  const read = (r: number, c: number): number =>
    at(plane, inside(r, plane.size, border), inside(c, plane.size, border));
  const upper = (1 - right) * read(top, left) + right * read(top, left + 1);
  const lower = (1 - right) * read(top + 1, left) + right * read(top + 1, left + 1);
  return (1 - down) * upper + down * lower;
}

/** The sum over a square kernel of odd side around each value. */
export function correlate(plane: Plane, kernel: Plane, border: Border): Plane {
  const reach = (kernel.size - 1) / 2;
  const { size } = plane;
  const taps = [...kernel.values.entries()]
    // A small disk in a large kernel is mostly nothing.
    .filter(([, weight]) => weight !== 0)
    .map(([i, weight]) => ({
      weight,
      down: Math.floor(i / kernel.size) - reach,
      right: (i % kernel.size) - reach,
    }));
  return planeOf(size, (row, column) => {
    let sum = 0;
    for (const { weight, down, right } of taps)
      sum += weight * at(plane, inside(row + down, size, border), inside(column + right, size, border));
    return sum;
  });
}

/** The same by taps along the rows and along the columns. */
export function correlateSeparably(plane: Plane, taps: readonly number[], border: Border): Plane {
  const reach = (taps.length - 1) / 2;
  const { size } = plane;
  const along = (source: Plane, place: (row: number, column: number, by: number) => number): Plane =>
    planeOf(size, (row, column) =>
      taps.reduce((sum, tap, i) => sum + tap * (source.values[place(row, column, i - reach)] ?? 0), 0),
    );
  const down = along(plane, (row, column, by) => inside(row + by, size, border) * size + column);
  return along(down, (row, column, by) => row * size + inside(column + by, size, border));
}

/** Weights exp(−i² / 2σ²) of −reach … reach, of sum 1. */
export function gaussianTaps(sigma: number, reach: number): number[] {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** SciPy's Gaussian filter, cut off after so many standard deviations; of deviation 0 the plane as it is. */
export function gaussianFilter(
  plane: Plane,
  sigma: number,
  { border = 'nearest', truncate = 4 }: { readonly border?: Border; readonly truncate?: number } = {},
): Plane {
  if (sigma <= 1e-15) return plane;
  return correlateSeparably(plane, gaussianTaps(sigma, Math.trunc(truncate * sigma + 0.5)), border);
}

/** The middle of the plane enlarged to the size of the whole, as SciPy's linear zoom of a crop does, its border cut off. */
export function enlargeCentre(plane: Plane, factor: number): Plane {
  const { size } = plane;
  const crop = Math.ceil(size / factor);
  const start = Math.floor((size - crop) / 2);
  const zoomed = roundHalfToEven(crop * factor);
  const step = zoomed > 1 ? (crop - 1) / (zoomed - 1) : 1;
  const trim = Math.floor((zoomed - size) / 2);
  const centre = planeOf(crop, (row, column) => at(plane, start + row, start + column));
  const place = (index: number): number => Math.min((index + trim) * step, crop - 1);
  return planeOf(size, (row, column) => interpolate(centre, [place(row), place(column)], 'nearest'));
}

/** As Python rounds. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
