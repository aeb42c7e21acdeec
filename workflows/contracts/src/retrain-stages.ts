import { CHAMPION_JUDGE, CHAMPION_STAGE } from './champion-stages.js';
import type { PipelineSpec } from './pipeline-spec.js';
import { conditionsOf } from './stages/evaluate.js';

interface Parts {
  readonly pipeline: PipelineSpec;
  readonly judge: string;
  readonly promote: { readonly condition: number };
}

/** Refuses a re-training whose candidate cannot be held against a champion; each issue carries the path of the field. */
export function refuseBadRetrain(
  { pipeline, judge, promote }: Parts,
  context: { addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void },
): void {
  const refuse = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  const stage = Object.hasOwn(pipeline.stages, judge) ? pipeline.stages[judge] : undefined;
  const judges = Object.entries(pipeline.stages).flatMap(([name, { kind, forEach }]) =>
    kind === 'evaluate' && !forEach ? [name] : [],
  );
  if (stage?.kind !== 'evaluate' || stage.forEach)
    refuse(
      ['judge'],
      `expected a stage of kind evaluate, ${judges.length > 0 ? `one of ${judges.join(', ')}` : 'of which the pipeline has none'}, got ${judge}`,
    );
  else {
    const conditions = stage.params.conditions.flatMap(conditionsOf);
    const chosen = conditions[promote.condition];
    if (!chosen || chosen.kind === 'corruption')
      refuse(
        ['promote', 'condition'],
        `expected a condition of ${judge} that is no corruption, by its number below ${conditions.length}, got ${promote.condition}`,
      );
  }
  for (const name of [CHAMPION_STAGE, CHAMPION_JUDGE])
    if (Object.hasOwn(pipeline.stages, name))
      refuse(['pipeline', 'stages', name], 'expected another name: the champion is judged by this one');
}
