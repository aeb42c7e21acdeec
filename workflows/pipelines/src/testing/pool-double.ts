import { Worker } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import {
  poolPolicySchema,
  type PoolPolicy,
  type PoolView,
  type PoolWorkflow,
  type StageJob,
  type WorkerReport,
} from '@vitrine/contracts';
import { poolWorkflowId, QUERY, SIGNAL, WORKFLOW, workerQueue } from '@vitrine/contracts/names';
import type { z } from 'zod';
import type { PipelineHarness } from './harness.js';

/** A pool of the harness with a policy, and workers that run the harness's stages. */
export class PoolDouble {
  /** Leases of the stages under way, by worker. */
  private readonly running = new Map<string, Set<string>>();

  private constructor(
    readonly handle: WorkflowHandle<PoolWorkflow>,
    private readonly harness: PipelineHarness,
  ) {}

  /** @param workers their devices by name */
  static async start(
    harness: PipelineHarness,
    policy: z.input<typeof poolPolicySchema>,
    workers: Readonly<Record<string, number>>,
  ): Promise<PoolDouble> {
    const handle = await harness.client.workflow.start<PoolWorkflow>(WORKFLOW.pool, {
      taskQueue: harness.queue,
      workflowId: poolWorkflowId(harness.pool),
      args: [{ pool: harness.pool, policy: poolPolicySchema.parse(policy) }],
    });
    const double = new PoolDouble(handle, harness);
    for (const [name, devices] of Object.entries(workers)) await double.serve(name, devices);
    return double;
  }

  view(): Promise<PoolView> {
    return this.handle.query<PoolView>(QUERY.poolView);
  }

  async until(holds: (view: PoolView) => boolean): Promise<PoolView> {
    for (;;) {
      const view = await this.view();
      if (holds(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  report(worker: string, fields: Partial<WorkerReport> = {}): Promise<void> {
    const held = [...(this.running.get(worker) ?? [])].map((id) => [id, 0] as const);
    const report = { worker, devices: 1, leases: Object.fromEntries(held), leaving: false, ...fields };
    return this.handle.signal<[WorkerReport]>(SIGNAL.reportWorker, report);
  }

  setPolicy(policy: z.input<typeof poolPolicySchema>): Promise<void> {
    return this.handle.signal<[PoolPolicy]>(SIGNAL.setPoolPolicy, poolPolicySchema.parse(policy));
  }

  private async serve(name: string, devices: number): Promise<void> {
    const { harness } = this;
    const running = new Set<string>();
    this.running.set(name, running);
    const worker = await Worker.create({
      connection: harness.native,
      namespace: harness.client.options.namespace,
      identity: name,
      taskQueue: workerQueue(harness.pool, name),
      activities: {
        runStage: async (job: StageJob) => {
          running.add(job.lease ?? '');
          return harness.stage(job).finally(() => running.delete(job.lease ?? ''));
        },
      },
      maxHeartbeatThrottleInterval: '100ms',
    });
    harness.keep(worker);
    await this.report(name, { devices });
  }
}
