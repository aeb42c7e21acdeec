import type { NativeConnection } from '@temporalio/worker';
import { VitrineError } from '@vitrine/contracts';
import { cacheQueue, poolQueue } from '@vitrine/contracts/names';

/** A poll lasts a minute, so who has not asked for longer than this is gone. */
const GONE_MILLISECONDS = 90_000;
const ACTIVITY_QUEUE = 2;

interface Place {
  readonly connection: NativeConnection;
  readonly namespace: string;
}

/** Of what waits in the queue of a pool. */
export interface Backlog {
  readonly stages: number;
  /** Of the one that has waited longest. */
  readonly ageSeconds: number;
}

/** @throws Error of the connection */
export async function backlogOf({ connection, namespace }: Place, pool: string): Promise<Backlog> {
  const { stats } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: poolQueue(pool) },
    taskQueueType: ACTIVITY_QUEUE,
    reportStats: true,
  });
  const age = stats?.approximateBacklogAge;
  return {
    stages: Number(stats?.approximateBacklogCount ?? 0),
    ageSeconds: Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
  };
}

/**
 * The workers that serve a pool. Asked of the queue beside the pool's: a worker polls that one also while all its devices
 * are busy.
 */
export async function workersOf({ connection, namespace }: Place, pool: string): Promise<string[]> {
  const taskQueue = { name: cacheQueue(pool) };
  const { pollers } = await connection.workflowService
    .describeTaskQueue({ namespace, taskQueue, taskQueueType: ACTIVITY_QUEUE })
    .catch((cause: unknown) => {
      throw new VitrineError('TemporalUnavailable', 'The workers of a pool could not be asked for.', {
        where: `task queue ${taskQueue.name}`,
        cause,
      });
    });
  const since = Date.now() - GONE_MILLISECONDS;
  const alive = (pollers ?? []).filter(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since,
  );
  return [...new Set(alive.flatMap(({ identity }) => identity ?? []))];
}
