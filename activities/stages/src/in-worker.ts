import type { ArtifactStore } from '@vitrine/artifact-store';
import { NO_PROFILE, type StageJob, type StageResult } from '@vitrine/contracts';
import { doNothing } from './noop.stage.js';

/** What a stage without a process uses of its worker. */
export interface InWorkerDeps {
  readonly artifacts: (project: string) => ArtifactStore;
  readonly clock: () => Date;
}

/**
 * Whether a stage ends at once and computes nothing: one that only waits for others, or for an approval. It has no state to
 * resume and nothing that could hang, so it is spared the start of a process.
 */
export function needsNoProcess({ kind, params, part }: StageJob): boolean {
  return kind === 'noop' && part === undefined && params['steps'] === 0;
}

export async function runInWorker({ artifacts, clock }: InWorkerDeps, job: StageJob): Promise<StageResult> {
  const startedAt = clock().toISOString();
  const { outputs, summary } = await doNothing(artifacts(job.project));
  return {
    outputs,
    summary,
    epoch: 1,
    resumedFromStep: 0,
    profile: NO_PROFILE,
    startedAt,
    endedAt: clock().toISOString(),
  };
}
