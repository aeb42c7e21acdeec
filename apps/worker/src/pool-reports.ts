import { defaultPayloadConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { WorkerReport } from '@vitrine/contracts';
import { poolWorkflowId, QUERY, SIGNAL } from '@vitrine/contracts/names';
import type { HeldLeases } from '@vitrine/stages';

export interface PoolReportsOptions {
  readonly pools: readonly { readonly pool: string; readonly devices: number; readonly held: HeldLeases }[];
  readonly place: Place;
  /** This worker's name. */
  readonly worker: string;
}

interface Place {
  readonly connection: Pick<NativeConnection, 'workflowService'>;
  readonly namespace: string;
}

/** How late a pool hears of a worker, and a worker of devices that are wanted back. */
const REPORT_MILLISECONDS = 5_000;
const NOT_FOUND = 5;

/**
 * Tells each pool with a policy what this worker has and holds, and has stages stopped whose devices the pool wants back. A pool
 * without a policy does not listen, and a server that is away hears of it later.
 */
export class PoolReports {
  private timer: NodeJS.Timeout | undefined;
  private leaving = false;
  private reporting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PoolReportsOptions) {}

  start(): void {
    this.report();
    this.timer = setInterval(() => this.report(), REPORT_MILLISECONDS);
    this.timer.unref();
  }

  /** From now on it takes nothing more. */
  leave(): void {
    this.leaving = true;
    this.report();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.reporting;
  }

  private report(): void {
    this.reporting = this.reporting.then(() =>
      Promise.all(this.options.pools.map((pool) => this.reportTo(pool).catch(() => undefined))),
    );
  }

  private async reportTo({ pool, devices, held }: PoolReportsOptions['pools'][number]): Promise<void> {
    const { worker, place } = this.options;
    const leases = held.safeTimes();
    const report: WorkerReport = { worker, devices, leases, leaving: this.leaving };
    if (!(await signal(place, poolWorkflowId(pool), report))) return;
    if (Object.keys(leases).length > 0) held.giveUp(await yieldsOf(place, poolWorkflowId(pool), worker));
  }
}

/** False when there is no such pool. */
async function signal(
  { connection, namespace }: Place,
  workflowId: string,
  report: WorkerReport,
): Promise<boolean> {
  try {
    await connection.workflowService.signalWorkflowExecution({
      namespace,
      workflowExecution: { workflowId },
      signalName: SIGNAL.reportWorker,
      input: { payloads: [defaultPayloadConverter.toPayload(report)] },
    });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return false;
    throw error;
  }
}

/** Leases that the worker is to give up. */
async function yieldsOf(
  { connection, namespace }: Place,
  workflowId: string,
  worker: string,
): Promise<string[]> {
  const { queryResult } = await connection.workflowService.queryWorkflow({
    namespace,
    execution: { workflowId },
    query: {
      queryType: QUERY.poolYields,
      queryArgs: { payloads: [defaultPayloadConverter.toPayload(worker)] },
    },
  });
  const [answer] = queryResult?.payloads ?? [];
  return answer ? defaultPayloadConverter.fromPayload<string[]>(answer) : [];
}
