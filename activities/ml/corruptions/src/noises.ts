import type { Plane } from './plane.js';
import { mapPlane, type Corruptible } from './corruption-image.js';

/** @param c standard deviation */
export const gaussianNoise = ({ planes, draws }: Corruptible, c: number): Plane[] =>
  planes.map((plane) => mapPlane(plane, (value) => value + c * draws.normal()));

/** @param c photons of a white pixel */
export const shotNoise = ({ planes, draws }: Corruptible, c: number): Plane[] =>
  planes.map((plane) => mapPlane(plane, (value) => draws.poisson(value * c) / c));

/** @param c share of the values that become black or white */
export const impulseNoise = ({ planes, draws }: Corruptible, c: number): Plane[] =>
  planes.map((plane) =>
    mapPlane(plane, (value) => {
      const hit = draws.uniform() < c;
      const white = draws.uniform() < 0.5;
      return hit ? (white ? 1 : 0) : value;
    }),
  );

/** @param c standard deviation, as a share of the value */
export const speckleNoise = ({ planes, draws }: Corruptible, c: number): Plane[] =>
  planes.map((plane) => mapPlane(plane, (value) => value + value * c * draws.normal()));
