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
  const { project } = spec;
  const request = { project, runId, spec, seeds: seedsOf(spec), codeVersion, submittedAt };
  return options ? { ...request, options } : request;
}

/** The seed of each stage: its own, or derived from the pipeline's and the stage's name. */
export function seedsOf(spec: PipelineSpec): Record<string, number> {
  const seeds = Object.entries(spec.stages).map(([name, { seed }]) => [
    name,
    seed ?? deriveSeed(spec.seed, name),
  ]);
  return Object.fromEntries(seeds) as Record<string, number>;
}
