import type { ArtifactStore } from '@vitrine/artifact-store';
import { VitrineError } from '@vitrine/contracts';

export interface PatienceOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborted when there is no more reason to wait. */
  readonly signal: AbortSignal;
  readonly onWaiting: (message: string) => void;
  /** Longest wait for one operation. */
  readonly limitMilliseconds?: number;
}

/** A local object server is back within seconds, one of a cluster within minutes; then another attempt is worth its while. */
const LIMIT_MILLISECONDS = 2 * 60_000;
const RETRY_MILLISECONDS = 1_000;

/** Repeats operations while the store cannot be reached. */
export class Patience {
  constructor(private readonly options: PatienceOptions) {}

  /** @throws what the operation threw last, or the signal's reason */
  async during<T>(operation: () => Promise<T>): Promise<T> {
    const { now, sleep, signal, onWaiting, limitMilliseconds = LIMIT_MILLISECONDS } = this.options;
    const began = now();
    for (;;) {
      signal.throwIfAborted();
      try {
        return await operation();
      } catch (error) {
        const isOutage = error instanceof VitrineError && error.code === 'StorageUnavailable';
        if (!isOutage || now() - began > limitMilliseconds) throw error;
        onWaiting(`waiting for the store: ${error.message}`);
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }

  /** The store with patience. Streams are read and sent once: what has gone through them is gone. */
  store(inner: ArtifactStore): ArtifactStore {
    return {
      put: (type, content, mediaType) =>
        content instanceof Uint8Array
          ? this.during(() => inner.put(type, content, mediaType))
          : inner.put(type, content, mediaType),
      get: (ref) => this.during(() => inner.get(ref)),
      stream: (ref) => inner.stream(ref),
    };
  }
}
