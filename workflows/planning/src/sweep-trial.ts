import type {
  PipelineSpec,
  Point,
  RunRequest,
  RunView,
  Segment,
  SweepRequest,
  SweepSpec,
} from '@vitrine/contracts';
import { assignItem } from '@vitrine/contracts/sandbox';
import { planRun, seedsOf } from './plan-run.js';

/** The pipeline with the values of a point in their fields. What comes out is checked where it is submitted. */
export function pipelineAt(
  { pipeline, space }: Pick<SweepSpec, 'pipeline' | 'space'>,
  point: Point,
): PipelineSpec {
  const changed = Object.entries(point).reduce<unknown>((spec, [name, value]) => {
    const fields = [space[name]?.set ?? []].flat();
    return assignItem(spec, Object.fromEntries(fields.map((field) => [field, 'item'])), value);
  }, pipeline);
  return changed as PipelineSpec;
}

/**
 * The pipeline of a trial up to the end of its last stretch. The earlier stretches are stages before the one that is trained, each from
 * the state of the one before; they have been computed, so they are found and not run again.
 */
export function trialPipeline(
  spec: Pick<SweepSpec, 'pipeline' | 'space' | 'resource' | 'scheduler'>,
  segments: readonly Segment[],
): PipelineSpec {
  const whole = pipelineAt(spec, segments.at(-1)?.point ?? {});
  const { resource, scheduler } = spec;
  if (!resource || scheduler.kind === 'none') return whole;
  const { stage: name, parameter, carry } = resource;
  // A seed follows from the name of a stage, and all stretches are of one training.
  const seed = seedsOf(whole)[name];
  const stretches = carry ? segments : segments.slice(-1);
  const nameOf = (index: number): string =>
    index === stretches.length - 1 ? name : `${name}-rung-${index + 1}`;
  const chain = stretches.map(({ point, until }, index) => {
    const { approval: _asked, ...own } = pipelineAt(spec, point).stages[name] ?? {};
    const before = index === 0 ? undefined : `${nameOf(index - 1)}.${carry?.output}`;
    const inputs = {
      ...(own as { inputs?: object }).inputs,
      ...(before !== undefined && carry && { [carry.input]: before }),
    };
    const stage = assignItem({ ...own, seed, inputs }, { [`params.${parameter}`]: 'item' }, until);
    return [nameOf(index), stage] as const;
  });
  return { ...whole, stages: { ...whole.stages, ...Object.fromEntries(chain) } } as PipelineSpec;
}

export interface TrialAttempt {
  readonly trial: number;
  readonly rung: number;
  /** From 1; each is a run of its own, which goes on from the checkpoints of those before. */
  readonly attempt: number;
  readonly segments: readonly Segment[];
  /** ISO 8601, UTC. */
  readonly submittedAt: string;
}

export function trialRunId(
  sweepId: string,
  { trial, rung, attempt }: Omit<TrialAttempt, 'segments' | 'submittedAt'>,
): string {
  const again = attempt === 1 ? '' : `-${attempt}`;
  return `${sweepId}-t${String(trial).padStart(5, '0')}-r${rung}${again}`;
}

/** The run of one rung of a trial. */
export function trialRun(request: SweepRequest, trial: TrialAttempt): RunRequest {
  const { sweepId, spec, codeVersion, codeVersions, project, allocated } = request;
  const earlier = Array.from({ length: trial.attempt - 1 }, (_, index) =>
    trialRunId(sweepId, { ...trial, attempt: trial.attempt - 1 - index }),
  );
  const options = { cache: true, force: [], ...(earlier.length > 0 && { continues: earlier }) };
  const pipeline = { ...trialPipeline(spec, trial.segments), project };
  const { submittedAt } = trial;
  const runId = trialRunId(sweepId, trial);
  const { metric } = spec.objective;
  const code = { codeVersion, kindVersions: codeVersions };
  return { ...planRun({ spec: pipeline, runId, ...code, submittedAt, options, allocated }), metric };
}

/** What a run says of the metric: a number, null for what is none, undefined when it says nothing. */
export function metricOf({ stages }: Pick<RunView, 'stages'>, metric: string): number | null | undefined {
  const [stage = '', ...path] = metric.split('.');
  const value = path.reduce<unknown>(
    (at, field) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[field] : undefined,
    stages[stage]?.summary,
  );
  // JSON has no NaN: it travels as null.
  if (value === null || Number.isNaN(value)) return null;
  return typeof value === 'number' ? (Number.isFinite(value) ? value : null) : undefined;
}

/** Devices times seconds that a run computed; what it found costs nothing. */
export function deviceSecondsOf({ stages }: Pick<RunView, 'stages'>, spec: PipelineSpec): number {
  return Object.entries(stages).reduce((sum, [name, { startedAt, queuedAt, endedAt, cache }]) => {
    const began = startedAt ?? queuedAt;
    if (cache?.from || began === undefined || endedAt === undefined) return sum;
    const seconds = Math.max(0, (Date.parse(endedAt) - Date.parse(began)) / 1000);
    return sum + seconds * (spec.stages[name]?.resources.devices ?? 1);
  }, 0);
}
