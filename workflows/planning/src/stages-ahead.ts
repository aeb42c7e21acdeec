import type {
  CacheAnswer,
  RunRequest,
  StageJob,
  StageResult,
  StagesAhead,
  StagesFound,
} from '@vitrine/contracts';
import { stageJob } from './stage-job.js';
import { needs, planOrder } from './stage-order.js';

/**
 * Stages of a run whose results may be taken as soon as they are known, in the order of the plan: they are kept, nobody wants
 * them computed anew, and no person is to look first.
 */
export function stagesAhead({ spec, options }: RunRequest, pool?: string): string[] {
  if (options?.cache === false) return [];
  const decided = new Set([...(options?.force ?? []), ...(options?.rerunOf?.keep ?? [])]);
  return planOrder(spec).filter((name) => {
    const stage = spec.stages[name];
    return (
      stage?.cache === true &&
      (pool === undefined || stage.pool === pool) &&
      !stage.forEach &&
      !stage.approval &&
      !decided.has(name)
    );
  });
}

/** Questions at a time. */
const AT_ONCE = 16;
/** Characters of results that travel in one answer: three bytes each at most, and a payload holds two MiB. */
const MOST_CHARACTERS = 500_000;

/** Looks for stages of a pool, and for those after them as long as each is found. */
export async function findAhead(
  request: RunRequest,
  { pool, known }: Pick<StagesAhead, 'pool' | 'known'>,
  lookUp: (job: StageJob) => Promise<CacheAnswer>,
): Promise<StagesFound> {
  const outputs: Record<string, Pick<StageResult, 'outputs'>> = { ...known };
  const found: Record<string, StageResult> = {};
  let left = stagesAhead(request, pool).filter((stage) => !Object.hasOwn(known, stage));
  let characters = 0;
  for (;;) {
    const wave = left.filter((stage) => isReady(request, stage, outputs)).slice(0, AT_ONCE);
    if (wave.length === 0) return { found, more: false };
    const answers = await Promise.all(
      wave.map(async (stage) => [stage, (await lookUp(stageJob(request, outputs, stage))).result] as const),
    );
    for (const [stage, result] of answers) {
      if (!result) continue;
      found[stage] = result;
      outputs[stage] = { outputs: result.outputs };
      characters += JSON.stringify(result).length;
    }
    if (characters > MOST_CHARACTERS) return { found, more: true };
    const asked = new Set(wave);
    left = left.filter((stage) => !asked.has(stage));
  }
}

function isReady({ spec }: RunRequest, stage: string, outputs: Readonly<Record<string, unknown>>): boolean {
  return needs(spec, stage).every((need) => Object.hasOwn(outputs, need));
}
