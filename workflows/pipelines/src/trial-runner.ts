import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type {
  ErrorView,
  OpenLeg,
  PipelineWorkflow,
  RunRequest,
  StageCounts,
  SweepRequest,
  SweepView,
  TrialNews,
} from '@vitrine/contracts';
import { runWorkflowId, WORKFLOW } from '@vitrine/contracts/names';
import { trialRun } from '@vitrine/planning';
import { STAGE_WORKFLOW } from './activity-options.js';
import { readFailure } from './fail.js';
import { runChild } from './run-child.js';

interface Running {
  readonly leg: OpenLeg;
  readonly run: RunRequest;
  readonly scope: CancellationScope;
  readonly since: number;
  readonly devices: number;
  /** It was asked to stop, and is to be begun again. */
  interrupted: boolean;
}

interface Listener {
  /** What a rung came to. */
  ended(news: TrialNews): void;
  /** It was stopped before its end, and is to be begun again. */
  stopped(leg: OpenLeg): void;
}

/** Runs the rungs of trials, each a run of the pipeline, and tells what they came to. */
export class TrialRunner {
  private readonly running = new Set<Running>();

  constructor(
    private readonly request: SweepRequest,
    private readonly listener: Listener,
  ) {}

  get size(): number {
    return this.running.size;
  }

  begin(leg: OpenLeg): void {
    const { trial, rung, attempt, segments, at } = leg;
    const run = trialRun(this.request, { trial, rung, attempt, segments, submittedAt: at });
    const devices = Math.max(...Object.values(run.spec.stages).map(({ resources }) => resources.devices));
    const scope = new CancellationScope({ cancellable: true });
    const running: Running = { leg, run, scope, since: Date.now(), devices, interrupted: false };
    this.running.add(running);
    void this.see(running);
  }

  /** Asks all to stop; each is told of when it has. */
  interrupt(): void {
    for (const running of this.running) {
      if (!running.interrupted) running.scope.cancel();
      running.interrupted = true;
    }
  }

  runs(): SweepView['runs'] {
    return [...this.running].map(({ leg: { trial, segments }, run: { runId } }) => ({
      trial,
      runId,
      until: segments.at(-1)?.until ?? 0,
    }));
  }

  /** Devices that are or may be in use. */
  devices(): number {
    return [...this.running].reduce((sum, { devices }) => sum + devices, 0);
  }

  deviceSeconds(now: number): number {
    const of = ({ since, devices, leg }: Running): number =>
      ((now - since) / 1000) * devices + leg.deviceSeconds;
    return [...this.running].reduce((sum, running) => sum + of(running), 0);
  }

  private async see(running: Running): Promise<void> {
    const { leg } = running;
    const end = await this.endOf(running);
    this.running.delete(running);
    const at = new Date().toISOString();
    const { trial } = leg;
    const deviceSeconds = end.deviceSeconds + leg.deviceSeconds;
    // What came to its end all the same is done.
    if (running.interrupted && end.cancelled)
      this.listener.stopped({ ...leg, attempt: leg.attempt + 1, deviceSeconds });
    else if (end.error) this.listener.ended({ type: 'failed', trial, error: end.error, deviceSeconds, at });
    else {
      const { value, stages } = end;
      this.listener.ended({ type: 'reported', trial, value, deviceSeconds, ...(stages && { stages }), at });
    }
  }

  private async endOf({ run, scope }: Running): Promise<End> {
    try {
      const { status, metric, deviceSeconds, stages, error } = await scope.run(() =>
        runChild<PipelineWorkflow>(WORKFLOW.pipeline, {
          ...STAGE_WORKFLOW,
          workflowId: runWorkflowId(run.project, run.runId),
          typedSearchAttributes: workflowInfo().typedSearchAttributes,
          args: [run],
        }),
      );
      return { cancelled: status === 'cancelled', error, value: metric ?? null, deviceSeconds, stages };
    } catch (thrown) {
      const error = readFailure(thrown);
      return { cancelled: error.code === 'Cancelled', error, value: null, deviceSeconds: 0 };
    }
  }
}

interface End {
  readonly cancelled: boolean;
  /** Absent exactly when the run reported the metric. */
  readonly error?: ErrorView;
  readonly value: number | null;
  readonly deviceSeconds: number;
  readonly stages?: StageCounts;
}
