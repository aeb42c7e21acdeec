import type { Requirement, StageStatus } from '@vitrine/contracts';

type Known = Readonly<Record<string, Pick<StageStatus, 'summary'>>>;

/** The first demand that is not met, in words; undefined when all are. */
export function unmetRequirement(when: readonly Requirement[], stages: Known): string | undefined {
  for (const requirement of when) {
    const { stage, field } = requirement;
    const value = fieldOf(stages[stage]?.summary, field);
    const wanted = unmet(requirement, value);
    if (wanted === undefined) continue;
    return `${field} of stage ${stage} is ${value === undefined ? 'not there' : JSON.stringify(value)}, expected ${wanted}`;
  }
  return undefined;
}

function fieldOf(summary: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (at, part) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, part)
          ? (at as Record<string, unknown>)[part]
          : undefined,
      summary,
    );
}

/** Numbers only compare with numbers: a value of another type meets no bound. */
function unmet(requirement: Requirement, value: unknown): string | undefined {
  const { equals, differsFrom, atLeast, above, atMost, below } = requirement;
  const number = typeof value === 'number' ? value : NaN;
  if (equals !== undefined && value !== equals) return JSON.stringify(equals);
  if (differsFrom !== undefined && (value === undefined || value === differsFrom))
    return `something else than ${JSON.stringify(differsFrom)}`;
  if (atLeast !== undefined && !(number >= atLeast)) return `at least ${atLeast}`;
  if (above !== undefined && !(number > above)) return `more than ${above}`;
  if (atMost !== undefined && !(number <= atMost)) return `at most ${atMost}`;
  if (below !== undefined && !(number < below)) return `less than ${below}`;
  return undefined;
}
