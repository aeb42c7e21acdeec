import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import {
  parsePipelineSpec,
  runOptionsSchema,
  scheduleSpecSchema,
  sweepSpecSchema,
  type ControlActivities,
  type FlightToWatch,
  type PipelineWorkflow,
  type PlanWorkflow,
  type RunPage,
  type RunRequest,
  type RunOptions,
  type RunRecord,
  type RunView,
  type ScheduledWorkflow,
  type StageJob,
  type StagesAhead,
  type StageResult,
  type SweepRequest,
  type SweepWorkflow,
} from '@vitrine/contracts';
import {
  cacheQueue,
  planWorkflowId,
  poolQueue,
  WATCH_QUEUE,
  QUERY,
  runWorkflowId,
  scheduleId,
  SEARCH_ATTRIBUTE,
  sweepWorkflowId,
  WORKFLOW,
} from '@vitrine/contracts/names';
import { gatherPages, planRun } from '@vitrine/planning';
import { runHead } from '../progress.js';
import { CacheDouble } from './cache-double.js';
import { ElementsDouble } from './elements-double.js';
import { artifact, stageResult } from './results.js';
import { ScheduleDouble } from './schedule-double.js';
import { SweepDouble } from './sweep-double.js';

/** What a test's stages do; called for every attempt. */
export type RunStage = (job: StageJob) => Promise<StageResult>;

export interface Server {
  readonly address: string;
  readonly namespace: string;
}

// Failing stages are what is tested; every one of them would be a warning with its stack.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** What a worker does for a stage that waits, by asking the server more often. */
async function untilClosed(client: Client, workflowId: string): Promise<void> {
  const { cancellationSignal: signal, heartbeat } = Context.current();
  while ((await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING') {
    heartbeat();
    await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** How a run of a test is started: beside its options, the class and the pools it asks for devices. */
interface Started extends Partial<RunOptions> {
  readonly priority?: string;
  readonly allocated?: readonly string[];
}

/** A page of a history may be longer than the 4 MiB that gRPC takes unless it is told otherwise. */
const LARGE_ANSWERS = { 'grpc.max_receive_message_length': 128 * 2 ** 20 };

/** Recorded histories hold it, so it does not name a machine. */
const IDENTITY = 'harness';

/** A run, as tests look at it: its view put together from what travels in pieces. */
export interface Run extends Pick<WorkflowHandle<PipelineWorkflow>, 'workflowId' | 'cancel' | 'signal'> {
  readonly workflow: WorkflowHandle<PipelineWorkflow>;
  view(): Promise<RunView>;
  /** Its view when it has ended, as it was sealed. */
  result(): Promise<RunView>;
}

/** A control worker with the real bundle and a pool worker with a test's own stages, on queues of their own. */
export class PipelineHarness {
  readonly sealed: RunRecord[] = [];
  readonly cache = new CacheDouble();
  /** What the store does before it takes a record. */
  beforeSeal: () => Promise<void> = () => Promise.resolve();
  readonly elements = new ElementsDouble();
  readonly sweeps = new SweepDouble();
  readonly schedules = new ScheduleDouble(this.cache.requests);
  private readonly id = randomBytes(4).toString('hex');
  private readonly workers: Worker[] = [];
  private running: Promise<unknown> = Promise.resolve();
  private runs = 0;
  /** What stages do, until `submit` says otherwise. */
  stage: RunStage = (job) => Promise.resolve(stageResult(job));

  private constructor(
    readonly client: Client,
    readonly native: NativeConnection,
  ) {}

  /** @param slots devices of the pool; many when left out */
  static async start(
    { address, namespace }: Server,
    bundle: { code: string },
    slots?: number,
  ): Promise<PipelineHarness> {
    const client = new Client({
      connection: await Connection.connect({ address, channelArgs: LARGE_ANSWERS }),
      namespace,
      identity: IDENTITY,
    });
    const native = await NativeConnection.connect({ address });
    const harness = new PipelineHarness(client, native);
    const common = { connection: native, namespace, identity: IDENTITY };
    const control: ControlActivities = {
      ...harness.cache.control,
      ...harness.elements.control,
      sealRun: async ({ end: { runId, status, endedAt }, request: given, pages, stages }) => {
        await harness.beforeSeal();
        const request = given ?? harness.cache.requests.get(runId);
        if (!request) throw new Error(`run ${runId}: not one of this harness`);
        const before = pages.map((page) => harness.elements.get(page) as RunRecord['stages']);
        const all = Object.assign({}, ...before, stages) as RunRecord['stages'];
        harness.sealed.push({ request, status, endedAt, stages: all });
        return artifact('document', runId);
      },
      storeStages: (_project, stages) => Promise.resolve(harness.elements.put('document', stages)),
    };
    harness.workers.push(
      await Worker.create({
        ...common,
        taskQueue: harness.queue,
        workflowBundle: bundle,
        activities: { ...control, ...harness.sweeps.control, ...harness.schedules.control },
      }),
      await Worker.create({
        ...common,
        taskQueue: poolQueue(harness.pool),
        activities: { runStage: (job: StageJob) => harness.stage(job) },
        maxHeartbeatThrottleInterval: '100ms',
        ...(slots !== undefined && { maxConcurrentActivityTaskExecutions: slots }),
      }),
      await Worker.create({
        ...common,
        taskQueue: cacheQueue(harness.pool),
        activities: {
          lookUp: (job: StageJob) => harness.cache.lookUp(job),
          peek: (job: StageJob) => harness.cache.peek(job),
          lookAhead: (ahead: StagesAhead) => harness.cache.lookAhead(ahead),
        },
      }),
    );
    harness.workers.push(
      await Worker.create({
        ...common,
        taskQueue: WATCH_QUEUE,
        activities: { watchFlight: ({ flight }: FlightToWatch) => untilClosed(client, flight) },
        maxHeartbeatThrottleInterval: '100ms',
      }),
    );
    harness.running = Promise.all(harness.workers.map((worker) => worker.run()));
    return harness;
  }

  /** A worker of a test, which ends with the others. */
  keep(worker: Worker): void {
    this.workers.push(worker);
    this.running = Promise.all([this.running, worker.run()]);
  }

  get pool(): string {
    return `pool-${this.id}`;
  }

  /** Where workflows are run. */
  get queue(): string {
    return `control-${this.id}`;
  }

  /** Starts a pipeline of no-op stages: name -> the stages it needs, or any fields of a stage. */
  async submit(
    stages: Record<string, readonly string[] | object>,
    runStage?: RunStage,
    options?: Started,
  ): Promise<Run> {
    if (runStage) this.stage = runStage;
    return this.startWorkflow(this.request(stages, options));
  }

  private request(
    stages: Record<string, readonly string[] | object>,
    { priority, allocated, ...options }: Started = {},
  ): RunRequest {
    const spec = parsePipelineSpec({
      version: 1,
      name: 'test',
      ...(priority !== undefined && { priority }),
      stages: Object.fromEntries(
        Object.entries(stages).map(([name, stage]) => [name, this.stageSpec(stage)]),
      ),
    });
    const runId = `test-${this.id}-${(this.runs += 1)}`;
    const submittedAt = '2026-01-01T00:00:00.000Z';
    const chosen = Object.keys(options).length > 0 ? runOptionsSchema.parse(options) : undefined;
    return planRun({ spec, runId, codeVersion: 'code', submittedAt, options: chosen, allocated });
  }

  async startWorkflow(request: ReturnType<typeof planRun>): Promise<Run> {
    this.cache.requests.set(request.runId, request);
    const workflow = await this.client.workflow.start<PipelineWorkflow>(WORKFLOW.pipeline, {
      taskQueue: this.queue,
      workflowId: runWorkflowId(request.project, request.runId),
      typedSearchAttributes: [
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTE.project, 'KEYWORD'), value: request.project },
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTE.pipeline, 'KEYWORD'), value: request.spec.name },
      ],
      args: [request],
    });
    return {
      workflow,
      workflowId: workflow.workflowId,
      cancel: () => workflow.cancel(),
      signal: workflow.signal.bind(workflow),
      view: () => gatherPages((from) => workflow.query<RunPage, [string?]>(QUERY.runView, from)),
      result: async () => {
        const { runId } = await workflow.result();
        const sealed = this.sealed.find((record) => record.request.runId === runId);
        if (!sealed) throw new Error(`run ${runId}: it ended, and was not sealed`);
        return { ...runHead(sealed), stages: sealed.stages };
      },
    };
  }

  /** Looks ahead at what a run of these stages would find. */
  async plan(
    stages: Record<string, readonly string[] | object>,
    options: Partial<RunOptions> = {},
  ): Promise<WorkflowHandle<PlanWorkflow>> {
    const request = this.request(stages, options);
    return this.client.workflow.start<PlanWorkflow>(WORKFLOW.plan, {
      taskQueue: this.queue,
      workflowId: planWorkflowId(request.project, request.runId),
      args: [request],
    });
  }

  /** Starts a sweep over a pipeline of no-op stages. */
  async sweep(
    stages: Record<string, readonly string[] | object>,
    sweep: object,
    runStage?: RunStage,
  ): Promise<WorkflowHandle<SweepWorkflow>> {
    if (runStage) this.stage = runStage;
    const { spec: pipeline } = this.request(stages);
    const spec = sweepSpecSchema.parse({ version: 1, name: 'test', pipeline, ...sweep });
    const sweepId = `sweep-${this.id}-${(this.runs += 1)}`;
    const submittedAt = new Date().toISOString();
    const request: SweepRequest = { project: 'default', sweepId, spec, codeVersion: 'code', submittedAt };
    this.sweeps.requests.set(sweepId, request);
    return this.client.workflow.start<SweepWorkflow>(WORKFLOW.sweep, {
      taskQueue: this.queue,
      workflowId: sweepWorkflowId('default', sweepId),
      args: [{ request }],
    });
  }

  /** Has Temporal start, at once, what a schedule over a pipeline of no-op stages starts. */
  async trigger(
    stages: Record<string, readonly string[] | object>,
    schedule: object = {},
    runStage?: RunStage,
  ): Promise<WorkflowHandle<ScheduledWorkflow>> {
    if (runStage) this.stage = runStage;
    const { spec: pipeline } = this.request(stages);
    const name = `test-${this.id}-${(this.runs += 1)}`;
    const times = { cron: '0 0 1 1 *' };
    const start = { kind: 'pipeline', pipeline };
    const spec = scheduleSpecSchema.parse({ version: 1, name, times, start, ...schedule });
    const made = await this.client.schedule.create({
      scheduleId: scheduleId('default', name),
      spec: { cronExpressions: [times.cron] },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOW.scheduled,
        workflowId: scheduleId('default', name),
        taskQueue: this.queue,
        args: [{ spec }],
      },
      state: { triggerImmediately: true },
    });
    for (;;) {
      const [taken] = (await made.describe()).info.recentActions;
      if (taken) {
        await made.delete();
        return this.client.workflow.getHandle(taken.action.workflow.workflowId);
      }
      await sleep(100);
    }
  }

  /** Runs a pipeline to its end. */
  async run(
    stages: Record<string, readonly string[] | object>,
    runStage?: RunStage,
    options?: Started,
  ): Promise<RunView> {
    const handle = await this.submit(stages, runStage, options);
    return handle.result();
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await this.running;
    await this.native.close();
    await this.client.connection.close();
  }

  private stageSpec(stage: readonly string[] | object): unknown {
    const common = { kind: 'noop', pool: this.pool };
    if ('kind' in stage && stage.kind === 'pipeline') return stage;
    if (!Array.isArray(stage)) return { ...common, ...stage };
    const after = stage.map((need: string) => [need, `${need}.done`]);
    return { ...common, inputs: { after: Object.fromEntries(after) } };
  }
}
