import { proxyActivities } from '@temporalio/workflow';
import type {
  CacheActivities,
  CacheAnswer,
  ForEach,
  PlannedLook,
  RunRequest,
  StageJob,
  StageResult,
} from '@vitrine/contracts';
import { elementJob, elementsOf, needs, planOrder, stageJob, unmetRequirement } from '@vitrine/planning';
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
    // What elements gave is known when their lists are made.
    const unsure = before.find(({ look: known }) => known?.outcome !== 'found' || known.elements);
    const { when = [] } = spec.stages[stage] ?? {};
    const unmet = unsure ? undefined : unmetRequirement(when, outputs);
    if (unmet) return { outcome: 'skipped', reason: unmet };
    const decided = decidedBefore(request, stage);
    if (decided && (!unsure || when.length === 0)) return { outcome: 'computed', reason: decided };
    const { forEach } = spec.stages[stage] ?? {};
    if (forEach?.items && !unsure) return lookAtElements(stageJob(request, outputs, stage), forEach);
    if (unsure) return { outcome: 'open', reason: `it depends on what ${unsure.need} gives` };
    if (forEach)
      return {
        outcome: 'computed',
        reason: 'its list is read when it runs; each element is looked for then',
      };
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

/** Of a long list the first ones are looked for, and the others counted as not found. */
const ELEMENTS_LOOKED_AT = 100;

async function lookAtElements(job: StageJob, forEach: ForEach): Promise<PlannedLook> {
  const source = { type: 'list', forEach } as const;
  const elements = elementsOf(job, source, { zipped: {} });
  if (typeof elements === 'string') return { outcome: 'open', reason: elements };
  const looks = await Promise.all(
    elements.slice(0, ELEMENTS_LOOKED_AT).map((element) => peek(elementJob(job, source, element))),
  );
  const [total, found] = [elements.length, looks.filter(({ result }) => result).length];
  if (found === total) return { outcome: 'found', elements: { total, found } };
  return {
    outcome: 'computed',
    reason: `${found} of ${total} elements were found`,
    elements: { total, found },
  };
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
