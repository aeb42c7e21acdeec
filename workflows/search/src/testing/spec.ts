import type { Space, SweepSpec } from '@vitrine/contracts';
import { spaceSchema } from '@vitrine/contracts';
import type { SearchSpec } from '../engine.js';

/** A specification of a search without a pipeline. */
export function searchSpec(space: object, changes: Partial<SweepSpec> = {}): SearchSpec {
  const parsed: Space = spaceSchema.parse(space);
  return {
    space: parsed,
    constraints: [],
    objective: { metric: 'only.steps', direction: 'minimize' },
    sampler: { kind: 'random' },
    scheduler: { kind: 'none' },
    seed: 0,
    ...changes,
  };
}
