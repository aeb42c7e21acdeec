import { pointAt } from '../points.js';
import { Random } from '../random.js';
import { firstAllowed, type Sampler, type SearchSpace } from './sampler.js';

const PURPOSE = 1;

/** Independent points, each a function of the seed and its place. */
export function randomSampler(space: SearchSpace): Sampler {
  return {
    suggest: (from) => {
      return firstAllowed(space, from, (draw) => {
        const random = new Random(space.seed, PURPOSE, draw);
        return pointAt(space.axes, () => random.uniform());
      });
    },
  };
}
