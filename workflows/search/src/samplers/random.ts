import { isAllowed, pointAt } from '../points.js';
import { Random } from '../random.js';
import { MOST_DRAWS, type Sampler, type SearchSpace } from './sampler.js';

const PURPOSE = 1;

/** Independent points, each a function of the seed and its place. */
export function randomSampler(space: SearchSpace): Sampler {
  return {
    suggest: (from) => {
      for (let draw = from; draw < from + MOST_DRAWS; draw += 1) {
        const random = new Random(space.seed, PURPOSE, draw);
        const point = pointAt(space.axes, () => random.uniform());
        if (isAllowed(space.constraints, point)) return { point, draw };
      }
      return undefined;
    },
  };
}
