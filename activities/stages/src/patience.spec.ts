import { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { Patience } from './patience.js';
import { MemoryArtifacts } from './testing/memory-artifacts.js';

const outage = new VitrineError('StorageUnavailable', 'The store does not answer.');

function patience(signal: AbortSignal = new AbortController().signal) {
  let now = 0;
  const waits: string[] = [];
  const subject = new Patience({
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
    signal,
    onWaiting: (message) => waits.push(message),
    limitMilliseconds: 5_000,
  });
  return { subject, waits };
}

/** Fails so often, then works. */
function failing(times: number, error: Error = outage): () => Promise<string> {
  return () => {
    times -= 1;
    return times >= 0 ? Promise.reject(error) : Promise.resolve('done');
  };
}

describe('patience with the store', () => {
  it('outlasts an outage, and says that it waits', async () => {
    const { subject, waits } = patience();
    expect(await subject.during(failing(3))).toBe('done');
    expect(waits).toEqual(Array(3).fill('waiting for the store: The store does not answer.'));
  });

  it('ends with the outage as the error when it lasts too long', async () => {
    const { subject, waits } = patience();
    await expect(subject.during(failing(Infinity))).rejects.toBe(outage);
    expect(waits).toHaveLength(6);
  });

  it('is for outages only', async () => {
    const { subject, waits } = patience();
    const missing = new VitrineError('ArtifactMissing', 'Gone.');
    await expect(subject.during(failing(1, missing))).rejects.toBe(missing);
    expect(waits).toEqual([]);
  });

  it('ends when the stage is to stop', async () => {
    const controller = new AbortController();
    const { subject } = patience(controller.signal);
    const reason = new Error('cancelled');
    const operation = () => {
      controller.abort(reason);
      return Promise.reject(outage);
    };
    await expect(subject.during(operation)).rejects.toBe(reason);
  });

  it('reads and writes artifacts through an outage', async () => {
    const inner = new MemoryArtifacts();
    const content = new Uint8Array([1, 2, 3]);
    const { subject, waits } = patience();
    const [broken, brokenAgain] = [failing(1), failing(1)];
    const store = subject.store({
      put: async (type, bytes) => broken().then(() => inner.put(type, bytes)),
      get: async (ref) => brokenAgain().then(() => inner.get(ref)),
      stream: (ref) => inner.stream(ref),
    });
    const ref = await store.put('document', content);
    expect([...(await store.get(ref))]).toEqual([1, 2, 3]);
    expect(waits).toHaveLength(2);
  });
});
