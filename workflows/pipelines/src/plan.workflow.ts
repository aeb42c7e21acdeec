import { proxyActivities } from '@temporalio/workflow';
import type {
  CacheActivities,
  CacheAnswer,
  PlannedLook,
  RunRequest,
  StageJob,
  StageResult,
} from '@vitrine/contracts';
import { needs, planOrder, stageJob, unmetRequirement } from '@vitrine/planning';
import { peekOptions } from './activity-options.js';

/** Looks ahead at what a run would find. Starts no stage, and changes nothing. */
export async function planWorkflow(request: RunRequest): Promise<Record<string, PlannedLook>> {
  const { spec } = request;
  const outputs: Record<string, Pick<StageResult, 'outputs' | 'summary'>> = {};
  const looks = new Map<string, Promise<PlannedLook>>();
  const look = async (stage: string): Promise<PlannedLook> => {
    const before = await Promise.all(
      needs(spec, stage).map(async (need) => ({ need, look: await looks.get(need) })),
    );
    const skipped = before.find(({ look: known }) => known?.outcome === 'skipped');
    if (skipped) return { outcome: 'skipped', reason: `it needs ${skipped.need}, which is skipped` };
    const unsure = before.find(({ look: known }) => known?.outcome !== 'found');
    const { when = [] } = spec.stages[stage] ?? {};
    const unmet = unsure ? undefined : unmetRequirement(when, outputs);
    if (unmet) return { outcome: 'skipped', reason: unmet };
    const decided = decidedBefore(request, stage);
    if (decided && (!unsure || when.length === 0)) return { outcome: 'computed', reason: decided };
    if (unsure) return { outcome: 'open', reason: `it depends on what ${unsure.need} gives` };
    const { key, result, reason } = await peek(stageJob(request, outputs, stage));
    if (result) outputs[stage] = result;
    return {
      outcome: result ? 'found' : 'computed',
      ...(key !== undefined && { key }),
      ...(result?.cache?.from && { from: result.cache.from }),
      ...(!result && { reason: reason ?? 'nothing was found' }),
    };
  };
  for (const stage of planOrder(spec)) looks.set(stage, look(stage));
  const entries = [...looks].map(async ([stage, known]) => [stage, await known] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Why a stage is computed whatever is known of it. */
function decidedBefore({ spec, options }: RunRequest, stage: string): string | undefined {
  if (options?.cache === false) return 'the run looks for no results';
  if (!spec.stages[stage]?.cache) return 'its results are not kept';
  return options?.force.includes(stage) ? 'it is to be computed anew' : undefined;
}

async function peek(job: StageJob): Promise<CacheAnswer> {
  try {
    return await proxyActivities<CacheActivities>(peekOptions(job)).peek(job);
  } catch {
    return { reason: `no worker of pool ${job.pool} could say` };
  }
}
