import type { certifiedExampleSchema, StageSummary } from '@vitrine/contracts';
import { certifiedAccuracy } from '@vitrine/ml-smoothing';
import type { z } from 'zod';
import { radiiOf } from './radii.js';

/** What imported certificates come to, wherever they are from. */
export function importedSummary(
  examples: readonly Pick<z.infer<typeof certifiedExampleSchema>, 'predict' | 'radius' | 'correct'>[],
): Omit<StageSummary<'import-certificates'>, 'sourceSha256'> {
  return {
    examples: examples.length,
    abstained: examples.filter(({ predict }) => predict < 0).length,
    certified: radiiOf(examples).map((radius) => ({
      radius,
      accuracy: certifiedAccuracy(examples, radius),
    })),
  };
}
