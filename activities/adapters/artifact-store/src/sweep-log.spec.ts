import type { ArtifactRef, SweepEvent } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from './artifact-store.js';
import { createMemoryStores } from './memory-store.js';
import { SweepLog } from './sweep-log.js';

const at = '2026-01-01T00:00:00.000Z';
const reported = (trial: number): SweepEvent => ({
  ...{ type: 'reported', trial, value: trial / 3, deviceSeconds: 1, at },
});

/** A store in memory that counts what is asked of it. */
function counting(): { store: ArtifactStore; counts: { read: number; written: number; largest: number } } {
  const memory = createMemoryStores().artifacts('default');
  const counts = { read: 0, written: 0, largest: 0 };
  const store: ArtifactStore = {
    put: async (type, content, mediaType) => {
      const ref = await memory.put(type, content, mediaType);
      counts.written += ref.bytes;
      counts.largest = Math.max(counts.largest, ref.bytes);
      return ref;
    },
    get: (ref: ArtifactRef) => {
      counts.read += 1;
      return memory.get(ref);
    },
    stream: (ref) => memory.stream(ref),
  };
  return { store, counts };
}

describe('the log of a sweep', () => {
  it('gives back all events in their order, wherever it is taken up again', async () => {
    const pages = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(pages, fc.nat(), async (sizes, forgetting) => {
        const { store } = counting();
        let log = await SweepLog.read(store, undefined);
        const told: SweepEvent[] = [];
        for (const [index, size] of sizes.entries()) {
          const more = Array.from({ length: size }, (_, more) => reported(told.length + more));
          told.push(...more);
          const before = log;
          log = await before.append(store, more);
          expect((await before.append(store, more)).last).toEqual(log.last);
          if (index % (1 + (forgetting % 7)) === 0) log = await SweepLog.read(store, log.last);
        }
        expect(log.events).toEqual(told);
        expect((await SweepLog.read(store, log.last)).events).toEqual(told);
      }),
      { numRuns: 30 },
    );
  });

  it('of 4,096 steerings writes an event five times at most, and is read in a few dozen pages', async () => {
    const { store, counts } = counting();
    let log = await SweepLog.read(store, undefined);
    for (let trial = 0; trial < 4096; trial += 1) log = await log.append(store, [reported(trial)]);
    const whole = counts.largest;
    expect((await SweepLog.read(store, log.last)).events).toHaveLength(4096);
    // 8^4: all of it was gathered by the last one.
    expect(counts.read).toBe(1);
    // The names of the pages before are a few hundred bytes each.
    expect(counts.written).toBeLessThan(5 * whole + 4096 * 400);
    for (let trial = 4096; trial < 8191; trial += 1) log = await log.append(store, [reported(trial)]);
    counts.read = 0;
    expect((await SweepLog.read(store, log.last)).events).toHaveLength(8191);
    expect(counts.read).toBeLessThanOrEqual(1 + 4 * 7);
  });

  it('that nothing is added to stays as it is', async () => {
    const { store } = counting();
    const log = await (await SweepLog.read(store, undefined)).append(store, [reported(0)]);
    expect(await log.append(store, [])).toBe(log);
  });
});
