import { QueryRejectedError, type WorkflowClient } from '@temporalio/client';
import type { PoolPolicy, PoolView, PoolWorkflow, WorkerDrain } from '@vitrine/contracts';
import { CONTROL_QUEUE, poolWorkflowId, QUERY, SIGNAL, WORKFLOW } from '@vitrine/contracts/names';

/** Calls the server in time; undefined when it knows no such workflow. @throws VitrineError TemporalUnavailable */
type IfKnown = <T>(what: string, call: () => Promise<T>) => Promise<T | undefined>;

/** Pools that give their devices out by a policy: each is a workflow for as long as it has one. */
export class PoolPolicies {
  /** @param workflows refuses to ask those that have ended */
  constructor(
    private readonly workflows: WorkflowClient,
    private readonly ifKnown: IfKnown,
  ) {}

  /** How the devices of a pool are given out; undefined when it serves who comes first. @throws VitrineError TemporalUnavailable */
  policy(pool: string): Promise<PoolPolicy | undefined> {
    return this.ask<PoolPolicy>(pool, QUERY.poolPolicy);
  }

  /** What a pool is doing; undefined when it has no policy. @throws VitrineError TemporalUnavailable */
  view(pool: string): Promise<PoolView | undefined> {
    return this.ask<PoolView>(pool, QUERY.poolView);
  }

  /** @throws VitrineError TemporalUnavailable */
  async set(pool: string, policy: PoolPolicy): Promise<void> {
    await this.ifKnown('set the policy of a pool', () =>
      this.workflows.signalWithStart<PoolWorkflow, [PoolPolicy]>(WORKFLOW.pool, {
        workflowId: poolWorkflowId(pool),
        taskQueue: CONTROL_QUEUE,
        args: [{ pool, policy }],
        signal: SIGNAL.setPoolPolicy,
        signalArgs: [policy],
      }),
    );
  }

  /** False when it has no policy. @throws VitrineError TemporalUnavailable */
  unset(pool: string): Promise<boolean> {
    return this.told(() => this.of(pool).signal(SIGNAL.retirePool));
  }

  /** False when it has no policy. @throws VitrineError TemporalUnavailable */
  drain(pool: string, drain: WorkerDrain): Promise<boolean> {
    return this.told(() => this.of(pool).signal<[WorkerDrain]>(SIGNAL.drainWorker, drain));
  }

  private async told(call: () => Promise<void>): Promise<boolean> {
    return (await this.ifKnown('tell a pool', () => call().then(() => true))) ?? false;
  }

  private ask<T>(pool: string, query: string): Promise<T | undefined> {
    return this.ifKnown('ask a pool', () =>
      this.of(pool)
        .query<T>(query)
        .catch((error: unknown) => {
          // It has lost its policy, and would answer still.
          if (error instanceof QueryRejectedError) return undefined;
          throw error;
        }),
    );
  }

  private of(pool: string) {
    return this.workflows.getHandle<PoolWorkflow>(poolWorkflowId(pool));
  }
}
