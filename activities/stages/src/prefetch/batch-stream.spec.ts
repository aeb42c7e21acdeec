import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VitrineError } from '@vitrine/contracts';
import { batchBuffers, fillBatch, type BatchSequence } from '@vitrine/ml-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBatchThread } from '../testing/build-batch-thread.js';
import { openBatchStream } from './batch-stream.js';

function shared(length: number, byte: (i: number) => number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  for (let i = 0; i < length; i++) bytes[i] = byte(i);
  return bytes;
}

const sequence: BatchSequence = {
  set: {
    pixels: shared(40 * 3 * 8 * 8, (i) => (i * 31) % 256),
    labels: shared(40, (i) => i % 10),
    count: 40,
    channels: 3,
    size: 8,
  },
  batchSize: 6,
  seed: 3,
  cropPadding: 2,
  flip: true,
};

function inline(step: number) {
  const out = batchBuffers(sequence.set, sequence.batchSize);
  fillBatch({ ...sequence, step }, out);
  return out;
}

const folder = mkdtempSync(join(tmpdir(), 'batch-thread-'));
beforeAll(buildBatchThread);
afterAll(() => rmSync(folder, { recursive: true }));

/** The rejection of a promise; undefined when it was fulfilled. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a stream of batches', () => {
  it.each([0, 5, 137])(
    'gives from step %i on what fillBatch gives, over several epochs',
    async (fromStep) => {
      const stream = openBatchStream(sequence, { fromStep, ahead: 2 });
      try {
        for (let step = fromStep; step < fromStep + 20; step++) {
          const batch = await stream.next();
          expect(batch.step).toBe(step);
          const { pixels, labels } = inline(step);
          expect([...batch.pixels]).toEqual([...pixels]);
          expect([...batch.labels]).toEqual([...labels]);
        }
      } finally {
        await stream.close();
      }
    },
  );

  it('gives blended images with their partners and shares', async () => {
    const mixing = { mixup: 0.8, cutmix: 1, probability: 1, switchProbability: 0.5 };
    const stream = openBatchStream({ ...sequence, mixing }, { fromStep: 4 });
    try {
      const { pixels, mix } = await stream.next();
      const out = batchBuffers(sequence.set, sequence.batchSize, true);
      fillBatch({ ...sequence, mixing, step: 4 }, out);
      expect([...pixels]).toEqual([...out.pixels]);
      expect([...(mix?.shares ?? [])]).toEqual([...(out.mix?.shares ?? [])]);
      expect([...(mix?.partners ?? [])]).toEqual([...(out.mix?.partners ?? [])]);
    } finally {
      await stream.close();
    }
  });

  it('leaves the batch in use untouched while later ones are made', async () => {
    const stream = openBatchStream(sequence, { fromStep: 0, ahead: 1 });
    try {
      await stream.next();
      const batch = await stream.next();
      const before = [...batch.pixels];
      for (let turn = 0; turn < 50; turn++) await nextTurn();
      expect([...batch.pixels]).toEqual(before);
    } finally {
      await stream.close();
    }
  });

  it("fails with the thread's own error as the cause", async () => {
    const stream = openBatchStream({ ...sequence, batchSize: 41 }, { fromStep: 2 });
    const error = await failure(stream.next());
    expect(error).toBeInstanceOf(VitrineError);
    expect(error).toMatchObject({
      code: 'StageFailed',
      details: {
        where: 'batch of step 2',
        actual: 'batchSize: expected at most the 40 images of the set, got 41',
      },
      cause: { message: 'batchSize: expected at most the 40 images of the set, got 41' },
    });
    await stream.close();
    expect(await failure(stream.next())).toBe(error);
  });

  it('fails when the thread stops by itself', async () => {
    const path = join(folder, 'exits.mjs');
    writeFileSync(path, 'process.exit(3);');
    const stream = openBatchStream(sequence, { fromStep: 0, threadUrl: pathToFileURL(path) });
    expect(await failure(stream.next())).toMatchObject({
      message: 'The thread that prepares batches stopped with code 3.',
    });
  });

  it('fails a waiting call when it is closed', async () => {
    const path = join(folder, 'silent.mjs');
    writeFileSync(path, 'setInterval(() => {}, 1000);');
    const stream = openBatchStream(sequence, { fromStep: 0, threadUrl: pathToFileURL(path) });
    const waiting = failure(stream.next());
    await stream.close();
    expect(await waiting).toMatchObject({ message: 'The stream of batches was closed.' });
  });
});
