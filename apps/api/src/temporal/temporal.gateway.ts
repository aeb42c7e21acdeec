import {
  Client,
  Connection,
  WorkflowClient,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import type {
  DecideStage,
  ElementsView,
  PipelineWorkflow,
  PlannedLook,
  PlannedPool,
  PlanWorkflow,
  RunEnd,
  RunPage,
  RunRequest,
  RunView,
  SweepCommand,
  SweepEdit,
  SweepRequest,
  SweepView,
  SweepWorkflow,
} from '@vitrine/contracts';
import {
  CONTROL_QUEUE,
  QUERY,
  SEARCH_ATTRIBUTE,
  SIGNAL,
  WORKFLOW,
  elementsWorkflowId,
  planWorkflowId,
  poolQueue,
  runWorkflowId,
  sweepWorkflowId,
} from '@vitrine/contracts/names';
import { gatherPages } from '@vitrine/planning';
import { PoolPolicies } from './pool-policies.js';
import { startOptions } from './start-options.js';
import { ScheduleGateway } from './schedule.gateway.js';
import { hasGrpcCode, temporalError, GRPC } from './temporal-errors.js';

/** Limits in milliseconds: a request to the API must not hang because a server behind it does. */
const DEADLINE = { call: 5_000, query: 2_500, ping: 2_000, plan: 60_000 } as const;

/** After a query that no worker answered, the next ones are not tried for so long. */
const QUERY_PAUSE = 5_000;

const KEYWORD = 2;
const ACTIVITY_QUEUE = 2;

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
}

interface RunKey {
  readonly project: string;
  readonly runId: string;
}

interface SweepKey {
  readonly project: string;
  readonly sweepId: string;
}

/** With its part for schedules the only user of Temporal's client. Connects lazily and again whenever the server comes back. */
export class TemporalGateway {
  private readonly connection: Connection;
  private readonly client: Client;
  readonly schedules: ScheduleGateway;
  /** Of pools that give their devices out by one. */
  readonly policies: PoolPolicies;
  private noQueryBefore = 0;

  constructor(
    private readonly place: TemporalPlace,
    private readonly now: () => number = Date.now,
  ) {
    const { address, namespace } = place;
    this.connection = Connection.lazy({
      address,
      // gRPC's own back-off grows to two minutes, which a person would take for an outage of ours.
      channelArgs: { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 2_000 },
    });
    this.client = new Client({ connection: this.connection, namespace });
    this.policies = new PoolPolicies(
      new WorkflowClient({ connection: this.connection, namespace, queryRejectCondition: 'NOT_OPEN' }),
      (what, call) => this.ifKnown(what, DEADLINE.call, call),
    );
    const { client, connection } = this;
    const call = <T>(what: string, work: () => Promise<T>): Promise<T> =>
      this.call(what, DEADLINE.call, work);
    this.schedules = new ScheduleGateway({ client, connection, namespace, call });
  }

  /** @throws VitrineError TemporalUnavailable */
  async ping(): Promise<void> {
    await this.call('look for the server', DEADLINE.ping, () =>
      this.connection.workflowService.describeNamespace({ namespace: this.place.namespace }),
    );
  }

  /**
   * Starts the run; one that has been started, or has even ended, is left as it is.
   * @throws VitrineError TemporalUnavailable
   */
  async start(request: RunRequest): Promise<void> {
    const { project, runId, spec } = request;
    await this.once('start the run', () =>
      this.client.workflow.start<PipelineWorkflow>(WORKFLOW.pipeline, {
        workflowId: runWorkflowId(project, runId),
        args: [request],
        ...startOptions(project, spec.name),
      }),
    );
  }

  /** As `start`. @throws VitrineError TemporalUnavailable */
  async startSweep(request: SweepRequest): Promise<void> {
    const { project, sweepId, spec } = request;
    await this.once('start the sweep', () =>
      this.client.workflow.start<SweepWorkflow>(WORKFLOW.sweep, {
        workflowId: sweepWorkflowId(project, sweepId),
        args: [{ request }],
        // Trials inherit them.
        ...startOptions(project, spec.pipeline.name),
      }),
    );
  }

  /** What a sweep says of itself; undefined when it is not known. @throws VitrineError TemporalUnavailable */
  async sweepView(sweep: SweepKey): Promise<SweepView | undefined> {
    return this.ifKnown('ask the sweep', DEADLINE.query, () =>
      this.sweep(sweep).query<SweepView>(QUERY.sweepView),
    );
  }

  /** Commands the sweep, or changes it; false when there is no open one of this id. */
  async tellSweep(sweep: SweepKey, told: SweepCommand | SweepEdit): Promise<boolean> {
    const signal = typeof told === 'string' ? SIGNAL.commandSweep : SIGNAL.editSweep;
    return this.told('tell the sweep', () =>
      this.sweep(sweep).signal<[SweepCommand | SweepEdit]>(signal, told),
    );
  }

  /** Asks the run to stop; false when there is no open run of this id. */
  async cancel(run: RunKey): Promise<boolean> {
    return this.told('cancel the run', () => this.handle(run).cancel());
  }

  /** Tells the run what somebody decided; false when there is no open run of this id. */
  async decide(run: RunKey, decision: DecideStage): Promise<boolean> {
    return this.told('tell the run', () =>
      this.handle(run).signal<[DecideStage]>(SIGNAL.decideStage, decision),
    );
  }

  /** How the run stands for Temporal; undefined when it does not know the run, or no longer. */
  async status(run: RunKey): Promise<WorkflowExecutionStatusName | undefined> {
    const found = await this.ifKnown('describe the run', DEADLINE.call, () => this.handle(run).describe());
    return found?.status.name;
  }

  /** What the workflow says of itself; undefined when it is not known or no worker answers for it in time. */
  async view(run: RunKey): Promise<RunView | undefined> {
    if (this.now() < this.noQueryBefore) return undefined;
    try {
      return await this.ifKnown('ask the run', DEADLINE.query, () =>
        gatherPages((from) => this.handle(run).query<RunPage, [string?]>(QUERY.runView, from)),
      );
    } catch (error) {
      this.noQueryBefore = this.now() + QUERY_PAUSE;
      if (hasGrpcCode(error, GRPC.unavailable)) throw error;
      return undefined;
    }
  }

  /** How the elements of a stage stand; undefined when there are none under way or nobody answers in time. */
  async elements({ project, runId }: RunKey, stage: string): Promise<ElementsView | undefined> {
    if (this.now() < this.noQueryBefore) return undefined;
    try {
      return await this.call('ask a stage', DEADLINE.query, () =>
        this.client.workflow
          .getHandle(elementsWorkflowId(project, runId, stage))
          .query<ElementsView>(QUERY.elements),
      );
    } catch {
      // What is missing is a count; the view of the run stands without it.
      return undefined;
    }
  }

  /** What a completed run came to; needs no worker. */
  async result(run: RunKey): Promise<RunEnd | undefined> {
    return this.ifKnown('read the result of the run', DEADLINE.call, () => this.handle(run).result());
  }

  /**
   * What a run of this request would find. The answer comes from workers of its pools; one without workers gives none.
   * @throws VitrineError TemporalUnavailable, also when no workflow worker answers
   */
  async lookAhead(request: RunRequest): Promise<Record<string, PlannedLook>> {
    return this.call('look ahead', DEADLINE.plan, () =>
      this.client.workflow.execute<PlanWorkflow>(WORKFLOW.plan, {
        workflowId: planWorkflowId(request.project, request.runId),
        taskQueue: CONTROL_QUEUE,
        args: [request],
        workflowExecutionTimeout: DEADLINE.plan,
      }),
    );
  }

  /** Who works for a pool, and how much waits for it. @throws VitrineError TemporalUnavailable */
  async pool(pool: string): Promise<PlannedPool> {
    const answer = await this.call('describe a pool', DEADLINE.call, () =>
      this.connection.workflowService.describeTaskQueue({
        namespace: this.place.namespace,
        taskQueue: { name: poolQueue(pool) },
        taskQueueType: ACTIVITY_QUEUE,
        reportStats: true,
      }),
    );
    const waiting = Number(answer.stats?.approximateBacklogCount ?? 0);
    return { pool, hasWorkers: (answer.pollers ?? []).length > 0, waiting };
  }

  /** Ids of the open runs of a project. */
  async openRuns(project: string): Promise<Set<string>> {
    const prefix = runWorkflowId(project, '');
    return this.call('list the open runs', DEADLINE.call, async () => {
      const found = new Set<string>();
      const query = `WorkflowType = '${WORKFLOW.pipeline}' AND ExecutionStatus = 'Running' AND ${SEARCH_ATTRIBUTE.project} = '${project}'`;
      for await (const { workflowId } of this.client.workflow.list({ query })) {
        if (workflowId.startsWith(prefix)) found.add(workflowId.slice(prefix.length));
      }
      return found;
    });
  }

  /** Registers what runs are found by, unless it is there. */
  async ensureSearchAttributes(): Promise<void> {
    const { namespace } = this.place;
    await this.call('register the search attributes', DEADLINE.call, async () => {
      const { customAttributes } = await this.connection.operatorService.listSearchAttributes({ namespace });
      const missing = Object.values(SEARCH_ATTRIBUTE).filter((name) => !(name in customAttributes));
      if (missing.length === 0) return;
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
      await this.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private handle({ project, runId }: RunKey) {
    return this.client.workflow.getHandle<PipelineWorkflow>(runWorkflowId(project, runId));
  }

  private sweep({ project, sweepId }: SweepKey) {
    return this.client.workflow.getHandle<SweepWorkflow>(sweepWorkflowId(project, sweepId));
  }

  private async once(what: string, start: () => Promise<unknown>): Promise<void> {
    try {
      await this.call(what, DEADLINE.call, start);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /** Whether there is somebody who was told. */
  private async told(what: string, call: () => Promise<unknown>): Promise<boolean> {
    return (await this.ifKnown(what, DEADLINE.call, () => call().then(() => true))) ?? false;
  }

  private async ifKnown<T>(what: string, deadline: number, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.call(what, deadline, call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  private async call<T>(what: string, deadline: number, call: () => Promise<T>): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + deadline, call);
    } catch (error) {
      throw temporalError(error, { what, ...this.place });
    }
  }
}
