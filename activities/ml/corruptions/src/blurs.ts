import {
  at,
  correlate,
  correlateSeparably,
  enlargeCentre,
  gaussianFilter,
  gaussianTaps,
  inside,
  planeOf,
  type Plane,
} from './plane.js';
import { mapPlane, type Corruptible } from './corruption-image.js';

export const gaussianBlur = ({ planes }: Corruptible, sigma: number): Plane[] =>
  planes.map((plane) => gaussianFilter(plane, sigma));

/** A disk out of focus; `alias` softens its rim. */
export function defocusBlur({ planes }: Corruptible, [radius, alias]: readonly [number, number]): Plane[] {
  const [reach, width] = radius <= 8 ? [8, 1] : [radius, 2];
  const disk = planeOf(2 * reach + 1, (row, column) =>
    (row - reach) ** 2 + (column - reach) ** 2 <= radius ** 2 ? 1 : 0,
  );
  const area = disk.values.reduce((sum, value) => sum + value, 0);
  const even = mapPlane(disk, (value) => value / area);
  const kernel = correlateSeparably(even, gaussianTaps(alias, width), 'mirror');
  return planes.map((plane) => correlate(plane, kernel, 'mirror'));
}

/**
 * Pixels take the place of neighbours. The reference means to swap, but both places end with what the other held; that is
 * what the published sets were made with.
 */
export function glassBlur(
  { planes, draws }: Corruptible,
  [sigma, reach, times]: readonly [number, number, number],
): Plane[] {
  const bytes = planes.map((plane) =>
    mapPlane(gaussianFilter(plane, sigma), (value) => Math.trunc(value * 255) / 255),
  );
  const size = planes[0]?.size ?? 0;
  for (let time = 0; time < times; time++)
    for (let row = size - reach; row > reach; row--)
      for (let column = size - reach; column > reach; column--) {
        const right = draws.integer(-reach, reach);
        const down = draws.integer(-reach, reach);
        const from = (row + down) * size + column + right;
        for (const { values } of bytes) values[row * size + column] = values[from] ?? 0;
      }
  return bytes.map((plane) => gaussianFilter(plane, sigma));
}

/** ImageMagick's motion blur: a one-sided Gaussian along a line whose points are rounded to pixels. */
export function moveAlong(
  plane: Plane,
  { radius, sigma, degrees }: { readonly radius: number; readonly sigma: number; readonly degrees: number },
): Plane {
  const width = 2 * radius + 1;
  const taps = Array.from({ length: width }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const angle = (degrees * Math.PI) / 180;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const steps = taps.map((tap, i) => ({
    weight: tap / total,
    down: Math.ceil(i * sine - 0.5),
    right: Math.ceil(i * cosine - 0.5),
  }));
  const { size } = plane;
  return planeOf(size, (row, column) =>
    steps.reduce(
      (sum, { weight, down, right }) =>
        sum +
        weight * at(plane, inside(row + down, size, 'nearest'), inside(column + right, size, 'nearest')),
      0,
    ),
  );
}

export function motionBlur(
  { planes, draws }: Corruptible,
  [radius, sigma]: readonly [number, number],
): Plane[] {
  const degrees = 90 * draws.uniform() - 45;
  // ImageMagick gives whole bytes, rounded.
  return planes.map((plane) =>
    mapPlane(moveAlong(plane, { radius, sigma, degrees }), (value) => Math.round(value * 255) / 255),
  );
}

/** The mean of the image and of enlargements of its middle, by 1, 1 + step … below the limit. */
export function zoomBlur({ planes }: Corruptible, [limit, step]: readonly [number, number]): Plane[] {
  const factors = arange(1, limit, step);
  return planes.map((plane) => {
    const layers = factors.map((factor) => enlargeCentre(plane, factor));
    return mapPlane(
      plane,
      (value, i) => layers.reduce((sum, { values }) => sum + (values[i] ?? 0), value) / (layers.length + 1),
    );
  });
}

/** NumPy's, whose last number depends on rounding: the published sets have what it gives. */
function arange(start: number, stop: number, step: number): number[] {
  const delta = start + step - start;
  return Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * delta);
}
