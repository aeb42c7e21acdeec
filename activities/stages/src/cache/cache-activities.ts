import { createHash } from 'node:crypto';
import type { CacheStore, RunStore } from '@vitrine/artifact-store';
import {
  toVitrineError,
  VitrineError,
  type CacheActivities,
  type CacheAnswer,
  type CacheEntry,
  type CacheParts,
  type ComputedStage,
  type ControlActivities,
  type KeptAnswer,
  type LogLevel,
  type NumericsProfile,
  type RunEvent,
  type StageJob,
  type StageOrigin,
  type StageResult,
} from '@vitrine/contracts';
import type { MetricSink } from '@vitrine/metrics';
import { cacheKeyText, findAhead, keyDifferences, recipeOf, stageJob } from '@vitrine/planning';
import { alive } from '../alive.js';
import { parseJob } from '../parse-job.js';
import { smallEnough } from '../result-size.js';

interface CommonDeps {
  readonly cache: CacheStore;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => Date;
}

export interface CacheDeps extends CommonDeps {
  /** What a stage's results depend on in this pool besides what its job says. */
  readonly profileOf: (job: StageJob) => Promise<NumericsProfile>;
  readonly metrics: MetricSink;
  readonly runs: Pick<RunStore, 'getRequest'>;
}

/** What workers of a pool answer without a device. */
export function createCacheActivities(deps: CacheDeps): CacheActivities {
  const silent = { ...deps, emit: () => undefined, mends: false };
  return {
    lookUp: (raw) => alive(() => lookUp({ ...deps, mends: true }, parseJob(raw))),
    peek: (raw) => alive(() => lookUp(silent, parseJob(raw))),
    lookAhead: (ahead) =>
      alive(async () => {
        const request = await deps.runs.getRequest(ahead.project, ahead.runId);
        // Without one the run says by itself what it wants.
        if (!request) return { found: {}, more: false };
        return findAhead(request, ahead, (job) => lookUp(silent, job));
      }),
  };
}

export interface CacheControlDeps extends CommonDeps {
  readonly runs: Pick<RunStore, 'getSealed'>;
}

/** The part of the control activities that concerns results of stages. */
export function createCacheControl(
  deps: CacheControlDeps,
): Pick<ControlActivities, 'storeResult' | 'keepResult'> {
  return {
    storeResult: (computed) => alive(() => storeResult(deps, computed)),
    keepResult: (job, earlier) => alive(() => keepResult(deps, job, earlier)),
  };
}

interface Look extends CacheDeps {
  /** Whether damaged outputs are made room for. */
  readonly mends: boolean;
}

async function lookUp(deps: Look, job: StageJob): Promise<CacheAnswer> {
  const startedAt = deps.clock().toISOString();
  let profile: NumericsProfile;
  try {
    profile = await deps.profileOf(job);
  } catch (error) {
    const reason = `what its bytes depend on cannot be told: ${toVitrineError(error).message}`;
    say(deps, job, { level: 'warn', message: `computed and not kept: ${reason}` });
    return { reason };
  }
  const key = keyOf({ ...recipeOf(job), profile });
  const found = await usable(deps, job.project, key);
  if (deps.mends) countAnswer(deps.metrics, job, found);
  if (typeof found === 'string') {
    say(deps, job, { level: found === NO_ENTRY ? 'info' : 'warn', message: `not found: ${found}` });
    return { key, reason: found };
  }
  const { outputs, summary, from } = found;
  say(deps, job, {
    level: 'info',
    message: `found: computed by run ${from.runId}, stage ${from.stage}, key ${key}`,
  });
  const result: StageResult = {
    outputs,
    summary,
    epoch: 1,
    resumedFromStep: 0,
    profile: found.parts.profile,
    startedAt,
    endedAt: deps.clock().toISOString(),
    cache: { outcome: 'hit', key, from },
  };
  return { key, result: smallEnough(result, job) };
}

function countAnswer(metrics: MetricSink, job: StageJob, found: CacheEntry | string): void {
  const { project, pool, kind, resources } = job;
  const labels = { project, pool, kind };
  const answer = typeof found !== 'string' ? 'hit' : found === NO_ENTRY ? 'miss' : 'damaged';
  metrics.inc({ name: 'vitrine_cache_answers_total', labels: { ...labels, answer } });
  const saved = typeof found === 'string' ? 0 : Date.parse(found.endedAt) - Date.parse(found.startedAt);
  const seconds = Math.max(0, saved) / 1000;
  metrics.inc({ name: 'vitrine_cache_saved_device_seconds_total', labels }, seconds * resources.devices);
}

const NO_ENTRY = 'there is no result under its key';

/** The entry when it is whole, or why there is none. */
async function usable({ cache, mends }: Look, project: string, key: string): Promise<CacheEntry | string> {
  try {
    const entry = await cache.get(project, key);
    if (!entry) return NO_ENTRY;
    const problem = await cache.damage(project, entry.outputs);
    if (problem !== undefined && mends) await cache.mend(project, entry.outputs);
    return problem === undefined ? entry : `the result of run ${entry.from.runId} is of no use: ${problem}`;
  } catch (error) {
    if (!(error instanceof VitrineError) || error.code !== 'ArtifactCorrupt') throw error;
    return `what is stored under its key is of no use: ${error.message} (${error.details.where})`;
  }
}

async function storeResult(deps: CacheControlDeps, { job, result }: ComputedStage): Promise<StageResult> {
  const { outputs, summary, startedAt, endedAt, profile, cache } = result;
  const parts: CacheParts = { ...recipeOf(job), profile };
  const key = keyOf(parts);
  const from: StageOrigin = { runId: job.runId, stage: job.stage };
  const replaced = await deps.cache.put({
    format: 1,
    key,
    parts,
    from,
    outputs,
    summary,
    startedAt,
    endedAt,
  });
  if (replaced)
    say(deps, job, {
      level: 'warn',
      message: `other bytes than those of run ${replaced.from.runId}, stage ${replaced.from.stage}, under the same key: this stage does not come out the same each time`,
    });
  return { ...result, cache: { outcome: 'miss', ...cache, key } };
}

/** A result is kept when nothing but the code is another, and all its bytes are there. */
async function keepResult(deps: CacheControlDeps, job: StageJob, earlier: StageOrigin): Promise<KeptAnswer> {
  const found = await earlierResult(deps, job, earlier);
  const problem = typeof found === 'string' ? found : await deps.cache.damage(job.project, found.outputs);
  if (typeof found !== 'string' && problem === undefined) return { result: found };
  const reason = problem ?? 'nothing was found';
  if (typeof found !== 'string') await deps.cache.mend(job.project, found.outputs);
  say(deps, job, { level: 'warn', message: `not taken over from run ${earlier.runId}: ${reason}` });
  return { reason };
}

async function earlierResult(
  { runs, clock }: CacheControlDeps,
  job: StageJob,
  { runId, stage }: StageOrigin,
): Promise<StageResult | string> {
  const run = await runs.getSealed(job.project, runId);
  const status = run?.stages[stage];
  if (!run || !status) return 'there is no record of it';
  const { outputs, summary, profile } = status;
  if (status.state !== 'succeeded' || !outputs || !summary || !profile) return `it ${status.state} there`;
  const { codeVersion: _old, ...before } = recipeOf(stageJob(run.request, run.stages, stage));
  const { codeVersion: _new, ...now } = recipeOf(job);
  const [difference] = keyDifferences(before, now);
  if (difference) return difference.text;
  const at = clock().toISOString();
  return {
    outputs,
    summary,
    epoch: 1,
    resumedFromStep: 0,
    profile,
    startedAt: at,
    endedAt: at,
    cache: { outcome: 'kept', from: status.cache?.from ?? { runId, stage } },
  };
}

function keyOf(parts: CacheParts): string {
  return createHash('sha256').update(cacheKeyText(parts)).digest('hex');
}

function say(
  { emit, clock }: CommonDeps,
  { project, runId, stage }: StageJob,
  line: { readonly level: LogLevel; readonly message: string },
): void {
  emit({ type: 'log', project, runId, stage, at: clock().toISOString(), ...line });
}
