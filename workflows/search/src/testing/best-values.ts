import type { SamplerSpec } from '@vitrine/contracts';
import { simulate } from '../simulate.js';
import { FUNCTIONS } from './functions.js';
import { searchSpec } from './spec.js';

/** The best value of a test function after so many trials, one after the other, for each seed. */
export function bestValues(
  name: string,
  sampler: SamplerSpec,
  { seeds, trials }: { readonly seeds: number; readonly trials: number },
): number[] {
  const { space, value } = FUNCTIONS[name] ?? { space: {}, value: () => NaN };
  return Array.from({ length: seeds }, (_, seed) => {
    const { book } = simulate({
      spec: searchSpec(space, { sampler, seed }),
      budget: { trials },
      parallelism: 1,
      run: (_leg, point) => ({ value: value(point), deviceSeconds: 1 }),
    });
    return book.best() ?? Infinity;
  });
}
