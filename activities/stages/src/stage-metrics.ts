import type { Progress, StageJob } from '@vitrine/contracts';
import type { MetricSample } from '@vitrine/metrics';

type Subject = Pick<StageJob, 'project' | 'runId' | 'stage' | 'pool' | 'kind'>;

/** What the stages of one pool measure. */
export interface StageMetrics {
  /** A worker has taken the attempt, after so long in the queue. */
  began(job: Subject, wait: { readonly queueSeconds: number }): void;
  /** Its process is at work, so long after that; and so long after the attempt before it was lost, if one was. */
  started(job: Subject, times: { readonly dispatchSeconds: number; readonly recoverySeconds?: number }): void;
  /** It gave a sign of life. */
  lives(job: Subject): void;
  /** @param outcome `succeeded`, or the code of the error */
  ended(
    job: Subject,
    end: { readonly outcome: string; readonly seconds: number; readonly devices: number },
  ): void;
  progressed(job: Subject, progress: Progress): void;
  stored(
    job: Subject,
    checkpoint: { readonly bytes: number; readonly seconds: number; readonly stallSeconds: number },
  ): void;
  /** What its process measured itself. */
  measured(samples: readonly MetricSample[]): void;
  /** Devices of the pool that are in use. */
  busy(devices: number): void;
}
