import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredEvent } from '@vitrine/contracts';
import type { Response } from '../common/http.js';
import type { RunLog } from './run-log.js';

interface Stream {
  readonly log: RunLog;
  /** Sequence number of the last event the client has. */
  readonly after: number;
  /** Asked again and again; rejects while nobody can say. */
  readonly isClosed: () => Promise<boolean>;
  readonly intervals?: StreamIntervals;
}

export interface StreamIntervals {
  readonly heartbeat: number;
  readonly closedCheck: number;
  /** A worker sends its last events shortly after the run has ended; so long none must have come. */
  readonly quiet: number;
}

const INTERVALS: StreamIntervals = { heartbeat: 15_000, closedCheck: 1_000, quiet: 1_000 };

/**
 * Sends a run's events as server-sent events until the run is closed and its log is quiet, or until the client leaves. The
 * client's reading sets the pace: nothing is buffered for it here.
 */
export async function streamEvents(response: Response, stream: Stream): Promise<void> {
  const { heartbeat, closedCheck, quiet } = stream.intervals ?? INTERVALS;
  const left = new AbortController();
  const done = new AbortController();
  const over = AbortSignal.any([left.signal, done.signal]);
  response.once('close', () => left.abort());
  response.statusCode = 200;
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-accel-buffering', 'no');
  response.write(': events of a run\n\n');
  const beat = setInterval(() => response.write(': still here\n\n'), heartbeat);
  const watch = watchEnd({ ...stream, over, closedCheck, quiet }).then(() => done.abort());
  try {
    for await (const stored of stream.log.follow(stream.after, over)) {
      if (!response.write(frame(stored))) await once(response, 'drain', { signal: left.signal });
    }
    if (!left.signal.aborted) response.end('event: end\ndata: {}\n\n');
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    clearInterval(beat);
    done.abort();
    await watch;
  }
}

function frame({ sequence, event }: StoredEvent): string {
  return `id: ${sequence}\ndata: ${JSON.stringify({ sequence, event })}\n\n`;
}

interface Watch extends Stream {
  readonly over: AbortSignal;
  readonly closedCheck: number;
  readonly quiet: number;
}

/** Resolves when the run has ended and nothing more is heard of it, or when nobody listens any more. */
async function watchEnd({ log, isClosed, over, closedCheck, quiet }: Watch): Promise<void> {
  const pause = (milliseconds: number): Promise<unknown> =>
    sleep(milliseconds, undefined, { signal: over }).catch(() => undefined);
  // While Temporal does not answer, the run is taken for open: the stream goes on until it can be known.
  while (!over.aborted && !(await isClosed().catch(() => false))) await pause(closedCheck);
  for (let heard = -1; !over.aborted && heard !== log.lastSequence;) {
    heard = log.lastSequence;
    await pause(quiet);
  }
}
