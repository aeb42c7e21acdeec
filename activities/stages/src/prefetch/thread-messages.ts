import type { BatchBuffers, BatchSequence } from '@vitrine/ml-data';

/** What the thread is started with. All large arrays lie in shared memory. */
export interface BatchThreadData {
  readonly sequence: BatchSequence;
  readonly slots: readonly BatchBuffers[];
}

/** To the thread: fill this slot with the batch of this step. Back: it is filled. */
export interface SlotMessage {
  readonly slot: number;
  readonly step: number;
}
