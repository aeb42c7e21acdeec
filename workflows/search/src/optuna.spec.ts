import type { SamplerSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import optuna from '../testdata/optuna.json' with { type: 'json' };
import { bestValues } from './testing/best-values.js';
import { pOurAreLarger } from './testing/mann-whitney.js';

const samplers: Readonly<Record<string, SamplerSpec>> = {
  tpe: { kind: 'tpe', startup: 10, candidates: 24 },
  random: { kind: 'random' },
  sobol: { kind: 'sobol' },
};
type Values = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
const theirs: Values = optuna.best;
const cases = Object.entries(theirs).flatMap(([sampler, functions]) =>
  Object.keys(functions).map((name) => [sampler, name] as const),
);

/** Of fifteen comparisons one that says so by chance is not to be expected: 0.05 / 15. */
const LEVEL = 0.003;

describe(`beside ${optuna.source}, with ${optuna.trials} trials and ${optuna.seeds} seeds each`, () => {
  it.each(cases)(
    '%s finds values on %s that are not worse, by the test of Mann and Whitney',
    (kind, name) => {
      const sampler = samplers[kind];
      if (!sampler) throw new RangeError(kind);
      const ours = bestValues(name, sampler, { seeds: optuna.seeds, trials: optuna.trials });
      expect(pOurAreLarger(ours, theirs[kind]?.[name] ?? [])).toBeGreaterThan(LEVEL);
    },
  );
});
