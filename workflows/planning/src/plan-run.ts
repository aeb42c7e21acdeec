import type { PipelineSpec, RunOptions, RunRequest } from '@vitrine/contracts';
import { deriveSeed } from './derive-seed.js';

export interface RunPlan {
  readonly spec: PipelineSpec;
  readonly runId: string;
  /** Digest of the stage code that is to run it; workers with other code refuse. */
  readonly codeVersion: string;
  /** ISO 8601, UTC. */
  readonly submittedAt: string;
  readonly options?: RunOptions | undefined;
}

/** Freezes all that decides a run's result: the parsed pipeline, one seed per stage, the version of the code. */
export function planRun({ spec, runId, codeVersion, submittedAt, options }: RunPlan): RunRequest {
  const seeds = Object.fromEntries(
    Object.entries(spec.stages).map(([name, stage]) => [name, stage.seed ?? deriveSeed(spec.seed, name)]),
  );
  const request = { project: spec.project, runId, spec, seeds, codeVersion, submittedAt };
  return options ? { ...request, options } : request;
}
