import {
  fieldPath,
  formatIssues,
  pipelineSpecSchema,
  VitrineError,
  type SweepSpec,
} from '@vitrine/contracts';
import { trialPipeline } from '@vitrine/planning';
import { gridSize, samplerOf, searchSpaceOf } from '@vitrine/search';

/** Points that are tried on the pipeline before anything runs. */
const POINTS = 64;
/** Combinations of a grid, those counted that constraints take out. */
const MOST_COMBINATIONS = 10_000_000;

/**
 * Refuses a space without points, and one whose points the pipeline does not take: a sweep of thousands of trials that all
 * fail is seen here, and not in the morning.
 * @throws VitrineError InvalidSpec
 */
export function checkPoints(spec: SweepSpec): void {
  const grid = spec.sampler.kind === 'grid';
  const size = grid ? gridSize(searchSpaceOf(spec)) : 0;
  if (size > MOST_COMBINATIONS)
    throw refused('A grid has too many combinations.', {
      where: 'space',
      expected: `at most ${MOST_COMBINATIONS}`,
      actual: String(size),
    });
  // TPE's first points are random ones, which do for this.
  const sampler = samplerOf({ ...spec, sampler: grid ? spec.sampler : { kind: 'random' } });
  const until = spec.resource?.max ?? 0;
  for (let found = 0, from = 0; found < POINTS; found += 1) {
    const suggestion = sampler.suggest(from, { trials: [], direction: spec.objective.direction });
    if (!suggestion && found === 0)
      throw refused('The space of the sweep is empty.', {
        where: 'constraints',
        expected: 'a point that holds all constraints',
        actual: 'none among those drawn',
      });
    if (!suggestion) return;
    from = suggestion.draw + 1;
    const pipeline = trialPipeline(spec, [{ point: suggestion.point, until }]);
    const parsed = pipelineSpecSchema.safeParse(pipeline);
    if (parsed.success) continue;
    throw refused('A point of the space makes a pipeline that is not valid.', {
      where: [...new Set(parsed.error.issues.map(({ path }) => fieldPath(path)))].join(', '),
      expected: 'a pipeline that can run with all values of the space; constraints leave points out',
      actual: `${JSON.stringify(suggestion.point)}: ${formatIssues(parsed.error.issues, pipeline)}`,
    });
  }
}

function refused(what: string, details: { where: string; expected: string; actual: string }): VitrineError {
  return new VitrineError('InvalidSpec', what, {
    ...details,
    hint: 'Correct the named part of the sweep and submit again.',
  });
}
