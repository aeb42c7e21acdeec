import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Runtime, type Logger } from '@temporalio/worker';

const LOOPBACK = '127.0.0.1';

/** The SDK's own buckets end at a minute; a stage may take a day. In seconds. */
const LONG_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600];

/**
 * Sets up the SDK's runtime, once per process and before anything else of it: its logs go to ours, its signals stay ours, and
 * its metrics are exported on loopback.
 * @returns address of the exporter
 */
export async function installRuntime(logger: Logger): Promise<string> {
  const bindAddress = `${LOOPBACK}:${await freePort()}`;
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: {
        prometheus: {
          bindAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
          histogramBucketOverrides: {
            activity_execution_latency: LONG_BUCKETS,
            activity_schedule_to_start_latency: LONG_BUCKETS,
            activity_succeed_endtoend_latency: LONG_BUCKETS,
            workflow_endtoend_latency: LONG_BUCKETS,
          },
        },
      },
    },
  });
  return `http://${bindAddress}/metrics`;
}

/** The exporter cannot be asked which port it got, so it is told one that is free. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
