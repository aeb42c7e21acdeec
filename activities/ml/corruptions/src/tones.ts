import { mapPlane, type Corruptible } from './corruption-image.js';
import type { Plane } from './plane.js';

/** Each channel drawn towards its mean. */
export const contrast = ({ planes }: Corruptible, c: number): Plane[] =>
  planes.map((plane) => {
    const mean = plane.values.reduce((sum, value) => sum + value, 0) / plane.values.length;
    return mapPlane(plane, (value) => (value - mean) * c + mean);
  });

export const brightness = (image: Corruptible, c: number): Plane[] =>
  image.planes.length === 3
    ? inHsv(image, ({ h, s, v }) => ({ h, s, v: unit(v + c) }))
    : image.planes.map((plane) => mapPlane(plane, (value) => value + c));

export const saturate = (image: Corruptible, [factor, add]: readonly [number, number]): Plane[] =>
  image.planes.length === 3
    ? inHsv(image, ({ h, s, v }) => ({ h, s: unit(s * factor + add), v }))
    : [...image.planes];

interface Hsv {
  /** In [0, 1), a turn. */
  readonly h: number;
  readonly s: number;
  readonly v: number;
}

const unit = (value: number): number => Math.min(Math.max(value, 0), 1);

function inHsv({ planes }: Corruptible, change: (hsv: Hsv) => Hsv): Plane[] {
  const changed = planes.map((plane) => mapPlane(plane, (value) => value));
  for (let i = 0; i < (planes[0]?.values.length ?? 0); i++) {
    const [r, g, b] = planes.map(({ values }) => values[i] ?? 0) as [number, number, number];
    const rgb = toRgb(change(toHsv(r, g, b)));
    changed.forEach(({ values }, channel) => (values[i] = rgb[channel] ?? 0));
  }
  return changed;
}

function toHsv(r: number, g: number, b: number): Hsv {
  const v = Math.max(r, g, b);
  const range = v - Math.min(r, g, b);
  if (range === 0) return { h: 0, s: 0, v };
  const sixths = v === r ? (g - b) / range : v === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return { h: (((sixths / 6) % 1) + 1) % 1, s: range / v, v };
}

function toRgb({ h, s, v }: Hsv): readonly number[] {
  const sector = Math.floor(h * 6);
  const f = h * 6 - sector;
  const [p, q, t] = [v * (1 - s), v * (1 - f * s), v * (1 - (1 - f) * s)];
  return (
    [
      [v, t, p],
      [q, v, p],
      [p, v, t],
      [p, q, v],
      [t, p, v],
      [v, p, q],
    ][sector % 6] ?? []
  );
}
