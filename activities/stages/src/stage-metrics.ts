import type { Progress, StageJob } from '@vitrine/contracts';

type Subject = Pick<StageJob, 'project' | 'runId' | 'stage' | 'pool' | 'kind'>;

/** What the stages of one pool measure. */
export interface StageMetrics {
  /** @param outcome `succeeded`, or the code of the error */
  ended(job: Subject, end: { readonly outcome: string; readonly seconds: number }): void;
  progressed(job: Subject, progress: Progress): void;
  stored(job: Subject, checkpoint: { readonly bytes: number; readonly seconds: number }): void;
  /** Devices of the pool that are in use. */
  busy(devices: number): void;
}
