import { setTimeout as sleep } from 'node:timers/promises';
import { backendEnvironment } from '@vitrine/backend/environment';
import { createS3Client, createS3Stores } from '@vitrine/artifact-store';
import { processEnvironment, readConfig } from '@vitrine/config';
import { toVitrineError, VitrineError, type StageResult } from '@vitrine/contracts';
import { MetricBuffer, s3Meter } from '@vitrine/metrics';
import { stageDatasets } from '../datasets/stage-datasets.js';
import { toChildSchema, type FromChild, type StartMessage, type StopReason } from './messages.js';
import { runJob, type JobParts } from './run-job.js';
import { startBackend } from './start-backend.js';

/** A stack trace is for the log, and its causes repeat what the error says. */
const LONGEST_STACK = 16_384;

const STOPPED: Record<StopReason, string> = {
  Cancelled: 'The stage was cancelled.',
  WorkerShutdown: 'The worker is being stopped.',
};

/** Between two messages of what was measured: no more often than anybody looks. */
const MEASURED_MILLISECONDS = 1_000;

const stop = new AbortController();
const metrics = new MetricBuffer();
let started = false;

// The worker decides when a stage stops. Ctrl-C reaches the whole group of processes; a supervisor's SIGTERM may as well.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => requestStop('WorkerShutdown'));
// Without its worker nobody wants what this process does, and another one will be started.
process.once('disconnect', () => process.exit(1));
process.once('uncaughtException', (error) => end({ type: 'error', ...asError(error) }, 1));
process.on('message', (raw) => {
  const message = toChildSchema.parse(raw);
  if (message.type === 'stop') return requestStop(message.because);
  if (started) return;
  started = true;
  void main(message);
});

async function main(start: StartMessage): Promise<void> {
  setInterval(sendMeasured, MEASURED_MILLISECONDS).unref();
  try {
    const result: StageResult = await runJob(start, stop, parts());
    end({ type: 'result', result }, 0);
  } catch (error) {
    end({ type: 'error', ...asError(error) }, 1);
  }
}

function parts(): JobParts {
  const config = readConfig(processEnvironment());
  return {
    stores: createS3Stores({
      client: createS3Client({ ...config.s3, onRequest: s3Meter(metrics) }),
      bucket: config.s3.bucket,
    }),
    environment: processEnvironment(),
    metrics,
    datasets: stageDatasets(config),
    loadBackend: (numerics) => startBackend(config, numerics),
    environmentFor: ({ threads }, visibleDevices) => ({
      ...processEnvironment(),
      ...backendEnvironment({ threads, visibleDevices }),
    }),
    send: (report) => send(report),
    clock: () => new Date(),
    now: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds),
  };
}

function requestStop(because: StopReason): void {
  stop.abort(new VitrineError(because, STOPPED[because]));
}

function asError(error: unknown): Pick<Extract<FromChild, { type: 'error' }>, 'error' | 'stack' | 'unknown'> {
  const view = toVitrineError(error, 'StageFailed').toView();
  // That it was told to stop is no surprise to anybody.
  if (stop.signal.aborted && error === stop.signal.reason) return { error: view };
  const unknown = !(error instanceof VitrineError);
  return { error: view, stack: stackOf(error).slice(0, LONGEST_STACK), unknown };
}

/** Stacks only: other fields of foreign errors may hold requests, and those may hold keys. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}

function send(message: FromChild): void {
  // A channel that is closed has ended this process, or is about to.
  if (process.connected) process.send?.(message);
}

function sendMeasured(): void {
  const samples = metrics.take();
  if (samples.length > 0) send({ type: 'measured', samples });
}

/** Says the last word and ends, once it has been written. What was measured goes before it. */
function end(message: FromChild, code: number): void {
  sendMeasured();
  if (process.connected && process.send) process.send(message, () => process.exit(code));
  else process.exit(1);
}
