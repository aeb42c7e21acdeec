import type {
  ArtifactRef,
  PipelineSpec,
  RetrainStart,
  RunRequest,
  ScheduledStart,
  ScheduleSpec,
} from '@vitrine/contracts';
import { CHAMPION_JUDGE, CHAMPION_STAGE } from '@vitrine/contracts/sandbox';
import { deriveSeed } from './derive-seed.js';
import { planRun, seedsOf, type RunPlan } from './plan-run.js';
import { makeRunId } from './run-id.js';

/** Named after the schedule and the time that it was due, whoever asks how often. */
export function scheduledRunId({ spec, at, id }: ScheduledStart): string {
  return makeRunId(spec.name, new Date(at), deriveSeed(0, id));
}

interface ScheduledPlan extends Pick<RunPlan, 'codeVersion' | 'kindVersions' | 'submittedAt'> {
  /** Of a re-training: whom the candidate is held against. */
  readonly champion?: ArtifactRef | undefined;
}

/** The run of one time of a schedule, as a submitted one would be planned. */
export function scheduledRun(
  start: ScheduledStart,
  { champion, codeVersion, kindVersions, submittedAt }: ScheduledPlan,
): RunRequest {
  const { spec, at } = start;
  const own = spec.start.kind === 'retrain' ? retrainPipeline(spec.start, champion) : spec.start.pipeline;
  const pipeline = { ...own, project: spec.project };
  const options = {
    cache: true,
    force: stagesToForce(spec, pipeline),
    scheduledBy: { schedule: spec.name, at },
  };
  const runId = scheduledRunId(start);
  return planRun({ spec: pipeline, runId, codeVersion, kindVersions, submittedAt, options });
}

/**
 * The pipeline of the candidate, and beside it the champion judged by the same stage under the same seed: so that both see the same
 * images with the same noise, and their answers are pairs.
 */
export function retrainPipeline(
  { pipeline, judge }: Pick<RetrainStart, 'pipeline' | 'judge'>,
  champion: ArtifactRef | undefined,
): PipelineSpec {
  const judging = pipeline.stages[judge];
  if (!champion || !judging) return pipeline;
  const { approval: _asked, when: _when, ...same } = judging;
  const { pool, resources, timeouts, failures, retry } = judging;
  const added = {
    [CHAMPION_STAGE]: {
      ...{ pool, resources, timeouts, failures, retry },
      kind: 'stored-model',
      cache: false,
      when: [],
      inputs: {},
      params: { artifact: champion },
    },
    [CHAMPION_JUDGE]: {
      ...same,
      when: [],
      inputs: { model: `${CHAMPION_STAGE}.model` },
      seed: seedsOf(pipeline)[judge],
    },
  };
  return { ...pipeline, stages: { ...pipeline.stages, ...added } } as PipelineSpec;
}

/**
 * Stages that read the data set that is to be new. Results are kept by what a stage is told, and a data set that changes under its name
 * tells it nothing: they are computed anew, and what comes after them follows by their digests.
 */
function stagesToForce({ newData }: ScheduleSpec, { stages }: PipelineSpec): string[] {
  if (newData?.of !== 'dataset') return [];
  const { dataset } = newData;
  return Object.keys(stages).filter((name) => reads(stages[name]?.params, dataset));
}

function reads(params: unknown, dataset: string): boolean {
  if (params === null || typeof params !== 'object') return false;
  return Object.entries(params).some(
    ([field, value]) =>
      (field === 'dataset' && typeof value === 'string' && value.replace(/@sha256:.*$/, '') === dataset) ||
      reads(value, dataset),
  );
}
