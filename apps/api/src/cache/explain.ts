import type { CacheStore } from '@vitrine/artifact-store';
import {
  VitrineError,
  type CacheEntry,
  type CacheExplanation,
  type CacheParts,
  type CacheUse,
  type RunRequest,
  type RunView,
} from '@vitrine/contracts';
import { nearest, needs, recipeOf, stageJob } from '@vitrine/planning';

/** Earlier results that are compared; older ones are rarely nearer. */
const COMPARED = 50;

export interface ExplainedStage {
  readonly request: RunRequest;
  readonly view: RunView;
  readonly stage: string;
}

/**
 * Why a stage was computed, against the earlier result whose key differs least.
 * @throws VitrineError NotFound, Conflict while what it reads is not made yet, StorageUnavailable
 */
export async function explainCache(cache: CacheStore, of: ExplainedStage): Promise<CacheExplanation> {
  const { request, view, stage } = of;
  const { project, runId } = request;
  const status = view.stages[stage];
  if (!status) throw noSuchStage(view, stage);
  const parts = knownParts(of);
  const before = Date.parse(status.queuedAt ?? view.submittedAt);
  const earlier = (await entries(cache, { project, kind: status.kind, stage })).filter(
    ({ key, endedAt }) => key === status.cache?.key || Date.parse(endedAt) <= before,
  );
  const own = ({ from }: CacheEntry): boolean => from.runId === runId && from.stage === stage;
  const found = nearest(
    earlier.filter((entry) => !own(entry)),
    parts,
  );
  return {
    project,
    runId,
    stage,
    ...(status.cache && { cache: status.cache }),
    text: inWords(stage, status.cache, status.state),
    ...(found && {
      nearest: { from: found.candidate.from, differences: [...found.differences] },
    }),
  };
}

/** Results of the same stage, or, when there is none, of any stage of its kind. */
async function entries(
  cache: CacheStore,
  { stage, ...of }: { project: string; kind: string; stage: string },
): Promise<CacheEntry[]> {
  const same = await cache.recent({ ...of, stage, limit: COMPARED });
  return same.length > 0 ? same : cache.recent({ ...of, limit: COMPARED });
}

/** A stage that has no result has no numerics yet; all else is known as soon as its inputs are. */
function knownParts({ request, view, stage }: ExplainedStage): Partial<CacheParts> {
  const missing = needs(request.spec, stage).filter((need) => !view.stages[need]?.outputs);
  if (missing.length > 0)
    throw new VitrineError('Conflict', 'The key of the stage is not known yet.', {
      where: `${request.project}/${request.runId}, stage ${stage}`,
      expected: `outputs of ${missing.join(', ')}`,
      actual: missing.map((need) => `${need} is ${view.stages[need]?.state ?? 'unknown'}`).join(', '),
      hint: 'Wait until the stages before it have succeeded.',
    });
  const profile = view.stages[stage]?.profile;
  return { ...recipeOf(stageJob(request, view.stages, stage)), ...(profile && { profile }) };
}

function inWords(stage: string, cache: CacheUse | undefined, state: string): string {
  if (!cache)
    return state === 'succeeded'
      ? `Stage ${stage} was computed: its results are not kept.`
      : `Stage ${stage} is ${state}, and has no result.`;
  const from = cache.from ? `run ${cache.from.runId}, stage ${cache.from.stage}` : '';
  switch (cache.outcome) {
    case 'hit':
      return `Stage ${stage} was not computed: its result was found, made by ${from}.`;
    case 'shared':
      return `Stage ${stage} was not computed: ${from} was computing the same.`;
    case 'kept':
      return `Stage ${stage} was not computed: its result was taken over from ${from}.`;
    case 'forced':
      return `Stage ${stage} was computed because somebody wanted it anew.`;
    case 'miss':
      return `Stage ${stage} was computed: ${cache.reason ?? 'nothing was found'}.`;
  }
}

export function noSuchStage(
  { project, runId, stages }: Pick<RunView, 'project' | 'runId'> & { readonly stages: object },
  stage: string,
): VitrineError {
  return new VitrineError('NotFound', 'The run has no such stage.', {
    where: `${project}/${runId}`,
    expected: `one of ${Object.keys(stages).join(', ')}`,
    actual: stage,
    hint: 'See the stages of the run with `npx vitrine show`.',
  });
}
