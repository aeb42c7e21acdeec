import type { Constraint, Point, SweepSpec } from '@vitrine/contracts';
import type { Axis } from '../axes.js';
import type { Trial } from '../book.js';
import { isAllowed } from '../points.js';

export interface SearchSpace {
  readonly axes: readonly Axis[];
  readonly constraints: readonly Constraint[];
  readonly seed: number;
}

export interface Suggestion {
  readonly point: Point;
  /** Its place in the sampler's sequence; the next one is looked for behind it. */
  readonly draw: number;
}

/** What has been tried, for samplers that learn from it. */
export interface Experience {
  readonly trials: readonly Trial[];
  readonly direction: SweepSpec['objective']['direction'];
}

/** Suggests points one after the other. A pure function of its arguments: the same again, wherever it is asked. */
export interface Sampler {
  /** The first point from this place of the sequence on; undefined when there is none any more. */
  suggest(from: number, experience: Experience): Suggestion | undefined;
}

/** Points drawn in vain before a space counts as empty. */
const MOST_DRAWS = 10_000;

/** The first point of a sequence, from a place on, that the constraints allow. */
export function firstAllowed(
  { constraints }: SearchSpace,
  from: number,
  at: (draw: number) => Point,
): Suggestion | undefined {
  for (let draw = from; draw < from + MOST_DRAWS; draw += 1) {
    const point = at(draw);
    if (isAllowed(constraints, point)) return { point, draw };
  }
  return undefined;
}
