import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { VitrineError } from '@vitrine/contracts';
import { pixelsPerImage, type BatchBuffers, type BatchSequence } from '@vitrine/ml-data';
import type { BatchThreadData, SlotMessage } from './thread-messages.js';

/** A batch in one of the stream's slots: valid until the next call of `next`. */
export interface PrefetchedBatch extends BatchBuffers {
  readonly step: number;
}

/** The batches of consecutive steps, made ahead of their use by a thread of their own. */
export interface BatchStream {
  /**
   * The batch of the next step; waits only when the thread is late. Gives the previous batch's slot back.
   * @throws VitrineError StageFailed when the thread failed, its error as `cause`
   */
  next(): Promise<PrefetchedBatch>;
  /** Stops the thread; waiting calls of `next` fail. */
  close(): Promise<void>;
}

export interface BatchStreamOptions {
  /** Step of the first batch; any, because a batch is a function of its step. */
  readonly fromStep: number;
  /** Batches kept ready beside the one in use. */
  readonly ahead?: number;
  /** The thread's bundle; found beside this module or in the package's `dist` when left out. */
  readonly threadUrl?: URL;
}

const DEFAULT_AHEAD = 3;

/** Starts the thread of a stream. Close the stream when done. */
export function openBatchStream(sequence: BatchSequence, options: BatchStreamOptions): BatchStream {
  const slots = Array.from({ length: (options.ahead ?? DEFAULT_AHEAD) + 1 }, () => sharedSlot(sequence));
  const thread = new Worker(options.threadUrl ?? batchThreadUrl(), {
    workerData: { sequence, slots } satisfies BatchThreadData,
    execArgv: [],
  });
  return new ThreadedBatchStream(thread, slots, options.fromStep);
}

class ThreadedBatchStream implements BatchStream {
  private readonly ready = new Map<number, number>();
  private inUse: number | undefined;
  private waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;
  private toRequest: number;

  constructor(
    private readonly thread: Worker,
    private readonly slots: readonly BatchBuffers[],
    private nextStep: number,
  ) {
    this.toRequest = nextStep;
    thread.on('message', ({ slot, step }: SlotMessage) => {
      this.ready.set(step, slot);
      this.waiting?.resolve();
    });
    thread.on('error', (error) => this.fail('The thread that prepares batches failed.', error));
    thread.on('exit', (code) => this.fail(`The thread that prepares batches stopped with code ${code}.`));
    slots.forEach((_, slot) => this.request(slot));
  }

  async next(): Promise<PrefetchedBatch> {
    if (this.inUse !== undefined) this.request(this.inUse);
    this.inUse = undefined;
    const step = this.nextStep;
    while (!this.ready.has(step)) await this.message();
    const slot = this.ready.get(step) ?? 0;
    this.ready.delete(step);
    this.inUse = slot;
    this.nextStep = step + 1;
    const buffers = this.slots[slot] as BatchBuffers;
    return { step, ...buffers };
  }

  async close(): Promise<void> {
    this.fail('The stream of batches was closed.');
    await this.thread.terminate();
  }

  private request(slot: number): void {
    this.thread.postMessage({ slot, step: this.toRequest } satisfies SlotMessage);
    this.toRequest += 1;
  }

  private message(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  /** The first failure stays: an error is followed by the thread's exit, which says less. */
  private fail(what: string, cause?: unknown): void {
    this.failure ??= new VitrineError('StageFailed', what, {
      where: `batch of step ${this.nextStep}`,
      ...(cause instanceof Error && { actual: cause.message }),
      cause,
    });
    this.waiting?.reject(this.failure);
  }
}

function sharedSlot({ set, batchSize, mixing }: BatchSequence): BatchBuffers {
  const floats = (count: number): Float32Array =>
    new Float32Array(new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT));
  const integers = (): Int32Array =>
    new Int32Array(new SharedArrayBuffer(batchSize * Int32Array.BYTES_PER_ELEMENT));
  return {
    pixels: floats(batchSize * pixelsPerImage(set)),
    labels: integers(),
    ...(mixing && { mix: { partners: integers(), shares: floats(batchSize) } }),
  };
}

/** Bundled, this code lies in `dist` beside the thread; from source, `dist` is two folders up. */
function batchThreadUrl(): URL {
  const places = ['./batch-thread.mjs', '../../dist/batch-thread.mjs'].map(
    (path) => new URL(path, import.meta.url),
  );
  const found = places.find((url) => existsSync(url));
  if (found) return found;
  throw new VitrineError('Internal', 'The bundle of the thread that prepares batches is missing.', {
    where: places.map((url) => url.pathname).join(' or '),
    hint: 'Build it with `npm run build`.',
  });
}
