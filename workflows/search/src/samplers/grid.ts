import type { Point, SweepValue } from '@vitrine/contracts';
import { exists } from '../axes.js';
import { isAllowed } from '../points.js';
import type { Sampler, SearchSpace } from './sampler.js';

/** Combinations of a grid, those counted that conditions and constraints take out again. */
export function gridSize({ axes }: SearchSpace): number {
  return axes.reduce((product, { size }) => product * size, 1);
}

/**
 * Every point of a finite space exactly once, in the order of its index: the last parameter changes fastest. A parameter that
 * does not exist in a point has one place there, its first.
 */
export function gridSampler(space: SearchSpace): Sampler {
  const size = gridSize(space);
  return {
    suggest: (from) => {
      for (let draw = from; draw < size; draw += 1) {
        const point = gridPoint(space, draw);
        if (point && isAllowed(space.constraints, point)) return { point, draw };
      }
      return undefined;
    },
  };
}

function gridPoint({ axes }: SearchSpace, index: number): Point | undefined {
  const places: number[] = [];
  let rest = index;
  for (let at = axes.length - 1; at >= 0; at -= 1) {
    const size = axes[at]?.size ?? 1;
    places[at] = rest % size;
    rest = Math.floor(rest / size);
  }
  const point: Record<string, SweepValue> = {};
  for (const [at, axis] of axes.entries()) {
    const place = places[at] ?? 0;
    if (exists(axis, point)) point[axis.name] = axis.nth(place);
    else if (place !== 0) return undefined;
  }
  return point;
}
