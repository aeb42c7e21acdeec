import { parentPort, workerData } from 'node:worker_threads';
import { batchFiller } from '@vitrine/ml-data';
import type { BatchThreadData, SlotMessage } from './thread-messages.js';

const { sequence, slots } = workerData as BatchThreadData;
const fill = batchFiller(sequence);

// Whatever is thrown here reaches the training thread as the worker's `error` event.
parentPort?.on('message', (request: SlotMessage) => {
  const slot = slots[request.slot];
  if (slot === undefined) throw new RangeError(`slot ${request.slot} of ${slots.length}`);
  fill(request.step, slot);
  parentPort?.postMessage(request);
});
