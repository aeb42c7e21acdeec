import { NativeConnection, TransportError } from '@temporalio/worker';
import { describeError, VitrineError } from '@vitrine/contracts';

export interface WaitOptions {
  readonly warn: (message: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborted when the worker is to stop. */
  readonly signal: AbortSignal;
}

const RETRY_MILLISECONDS = 1_000;
/** Said once, and again now and then: somebody may have started to read the log only now. */
const SAY_EVERY = 30;

/**
 * Asks until a service is there: a worker may be started before what it works with.
 * @throws what `attempt` threw when waiting does not help, or the signal's reason
 */
export async function waitFor<T>(attempt: () => Promise<T>, options: WaitOptions): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    options.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const isAway =
        error instanceof VitrineError &&
        (error.code === 'TemporalUnavailable' || error.code === 'StorageUnavailable');
      if (!isAway) throw error;
      if (tries % SAY_EVERY === 0) options.warn(`waiting: ${describeError(error.toView())}`);
      await options.sleep(RETRY_MILLISECONDS);
    }
  }
}

/** @throws VitrineError TemporalUnavailable */
export async function connectToTemporal(address: string): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address });
  } catch (cause) {
    if (!(cause instanceof TransportError)) throw cause;
    throw new VitrineError('TemporalUnavailable', 'Temporal does not answer.', {
      where: `TEMPORAL_ADDRESS, ${address}`,
      expected: 'a Temporal server',
      actual: cause.message,
      cause,
    });
  }
}
