import { Context } from '@temporalio/activity';
import { toVitrineError } from '@vitrine/contracts';
import { toFailure } from './fail.js';

/** Heartbeats while it works, and fails with an error of the closed list. */
export async function alive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), (context.info.heartbeatTimeoutMs ?? 3000) / 3);
  try {
    return await work();
  } catch (error) {
    throw toFailure(toVitrineError(error));
  } finally {
    clearInterval(beat);
  }
}
