import type { PipelineSpec, RunOptions, RunRequest, StageKind } from '@vitrine/contracts';
import { deriveSeed } from './derive-seed.js';

export interface RunPlan {
  readonly spec: PipelineSpec;
  readonly runId: string;
  /** Digest of all stage code that is to run it. */
  readonly codeVersion: string;
  /** Of each kind; workers with other code of a kind refuse its stages. */
  readonly kindVersions?: Readonly<Partial<Record<StageKind, string>>> | undefined;
  /** ISO 8601, UTC. */
  readonly submittedAt: string;
  readonly options?: RunOptions | undefined;
  /** Pools with a policy. */
  readonly allocated?: readonly string[] | undefined;
}

/** Freezes all that decides a run's result: the parsed pipeline, one seed per stage, the version of the code. */
export function planRun({
  spec,
  runId,
  codeVersion,
  kindVersions,
  submittedAt,
  options,
  allocated = [],
}: RunPlan): RunRequest {
  const { project } = spec;
  const request = { project, runId, spec, seeds: seedsOf(spec), codeVersion, submittedAt };
  return {
    ...request,
    ...(kindVersions && { codeVersions: versionsOf(spec, kindVersions) }),
    ...(allocated.length > 0 && { allocated: [...allocated] }),
    ...(options && { options }),
  };
}

/** Those of the kinds that the pipeline has. */
function versionsOf(
  { stages }: PipelineSpec,
  versions: NonNullable<RunPlan['kindVersions']>,
): Record<string, string> {
  const kinds = [...new Set(Object.values(stages).map(({ kind }) => kind))].sort();
  return Object.fromEntries(kinds.flatMap((kind) => (versions[kind] ? [[kind, versions[kind]]] : [])));
}

/** The seed of each stage: its own, or derived from the pipeline's and the stage's name. */
export function seedsOf(spec: PipelineSpec): Record<string, number> {
  const seeds = Object.entries(spec.stages).map(([name, { seed }]) => [
    name,
    seed ?? deriveSeed(spec.seed, name),
  ]);
  return Object.fromEntries(seeds) as Record<string, number>;
}
