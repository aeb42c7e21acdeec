import { moveAlong } from './blurs.js';
import { greyOf, mapPlane, type Corruptible, type FrostPicture } from './corruption-image.js';
import { enlargeCentre, planeOf, type Plane } from './plane.js';
import { plasma } from './plasma.js';

/** Clouds over the image; brightness stays in its range. */
export function fog({ planes, draws }: Corruptible, [strength, decay]: readonly [number, number]): Plane[] {
  const size = planes[0]?.size ?? 0;
  const clouds = plasma(2 ** Math.ceil(Math.log2(size)), decay, draws);
  const brightest = planes.reduce((most, { values }) => values.reduce((a, b) => Math.max(a, b), most), 0);
  return planes.map((plane) =>
    mapPlane(plane, (value, i) => {
      const cloud = clouds.values[Math.floor(i / size) * clouds.size + (i % size)] ?? 0;
      return ((value + strength * cloud) * brightest) / (brightest + strength);
    }),
  );
}

/** A piece of a picture of ice over the image. Pictures that are smaller than the image are enlarged. */
export function frost(
  { planes, draws }: Corruptible,
  [keep, ice]: readonly [number, number],
  pictures: readonly FrostPicture[],
): Plane[] {
  const size = planes[0]?.size ?? 0;
  const { width, height, rgb } = pictures[draws.integer(0, pictures.length)] as FrostPicture;
  const scale = Math.max(1, (1.1 * size) / Math.min(width, height));
  const [top, left] = [height, width].map((side) =>
    draws.integer(0, Math.max(1, Math.floor(side * scale) - size)),
  ) as [number, number];
  return planes.map((plane, channel) =>
    mapPlane(plane, (value, i) => {
      const row = Math.min(height - 1, Math.floor((top + Math.floor(i / size)) / scale));
      const column = Math.min(width - 1, Math.floor((left + (i % size)) / scale));
      return keep * value + (ice * (rgb[(row * width + column) * 3 + Math.min(channel, 2)] ?? 0)) / 255;
    }),
  );
}

export type SnowStrength = readonly [
  mean: number,
  deviation: number,
  zoom: number,
  threshold: number,
  radius: number,
  sigma: number,
  keep: number,
];

/** Flakes that fall, over an image that is paler. */
export function snow(
  { planes, draws }: Corruptible,
  [mean, deviation, zoom, threshold, radius, sigma, keep]: SnowStrength,
): Plane[] {
  const size = planes[0]?.size ?? 0;
  const noise = enlargeCentre(
    planeOf(size, () => mean + deviation * draws.normal()),
    zoom,
  );
  const flakes = mapPlane(noise, (value) =>
    value < threshold ? 0 : Math.trunc(Math.min(Math.max(value, 0), 1) * 255) / 255,
  );
  const degrees = -135 + 90 * draws.uniform();
  const fallen = mapPlane(
    moveAlong(flakes, { radius, sigma, degrees }),
    (value) => Math.round(value * 255) / 255,
  );
  const grey = greyOf(planes);
  return planes.map((plane) =>
    mapPlane(plane, (value, i) => {
      const pale = Math.max(value, (grey.values[i] ?? 0) * 1.5 + 0.5);
      const turned = fallen.values[fallen.values.length - 1 - i] ?? 0;
      return keep * value + (1 - keep) * pale + (fallen.values[i] ?? 0) + turned;
    }),
  );
}
