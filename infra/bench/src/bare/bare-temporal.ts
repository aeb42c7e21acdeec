import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BareActivities, bareRun, BareShape, bareSweep } from './bare.workflow.js';

const QUEUE = { workflows: 'bench.bare', activities: 'bench.bare.activities' } as const;

export interface BareOutcome {
  /** From the start of the first run to the end of the last, by the server's clock. */
  readonly seconds: number;
  readonly waits: readonly number[];
}

/** Temporal by itself: one worker for workflows and one for activities, with as many slots as the pool beside it. */
export class BareTemporal {
  private constructor(
    readonly client: Client,
    private readonly workers: readonly Worker[],
    private readonly running: Promise<unknown>,
  ) {}

  static async start(place: { address: string; namespace: string }, slots: number): Promise<BareTemporal> {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const { namespace, address } = place;
    const connection = await NativeConnection.connect({ address });
    const client = new Client({ connection: await Connection.connect({ address }), namespace });
    const activities: BareActivities = { nothing: () => Promise.resolve(Date.now()) };
    const workflowBundle = await bundleWorkflowCode({
      // `npm run bench` runs in the workspace's root.
      workflowsPath: join(process.cwd(), 'infra/bench/src/bare/bare.workflow.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const workers = await Promise.all([
      Worker.create({ connection, namespace, taskQueue: QUEUE.workflows, workflowBundle }),
      Worker.create({
        connection,
        namespace,
        taskQueue: QUEUE.activities,
        activities: { ...activities },
        maxConcurrentActivityTaskExecutions: slots,
      }),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    return new BareTemporal(client, workers, running);
  }

  /** So many runs of one shape at the same time. */
  async run(shape: Omit<BareShape, 'queue'>, runs = 1): Promise<BareOutcome> {
    const handles = await Promise.all(
      Array.from({ length: runs }, () =>
        this.client.workflow.start<typeof bareRun>('bareRun', {
          workflowId: `bare-${randomUUID()}`,
          taskQueue: QUEUE.workflows,
          args: [{ ...shape, queue: QUEUE.activities }],
        }),
      ),
    );
    const waits = (await Promise.all(handles.map((handle) => handle.result()))).flat();
    return { seconds: await this.span(handles.map(({ workflowId }) => workflowId)), waits };
  }

  /** A sweep of trials that do nothing. @returns seconds from the wish for it to its end */
  async sweep(trials: number, atATime: number): Promise<number> {
    const asked = performance.now();
    await this.client.workflow.execute<typeof bareSweep>('bareSweep', {
      workflowId: `bare-sweep-${randomUUID()}`,
      taskQueue: QUEUE.workflows,
      args: [{ trials, atATime, queue: QUEUE.activities }],
    });
    return (performance.now() - asked) / 1000;
  }

  /** Seconds from the start of the first of these workflows to the end of the last, all of them closed. */
  async span(workflowIds: readonly string[]): Promise<number> {
    const described = await Promise.all(
      workflowIds.map((id) => this.client.workflow.getHandle(id).describe()),
    );
    const starts = described.map(({ startTime }) => startTime.getTime());
    const ends = described.map(({ closeTime }) => closeTime?.getTime() ?? Number.NaN);
    return (Math.max(...ends) - Math.min(...starts)) / 1000;
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await this.running;
    await this.client.connection.close();
  }
}
