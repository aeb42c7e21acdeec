import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventStore } from './event-store.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-events-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function attempt(runId: string, epoch: number): RunEvent {
  return {
    type: 'attempt',
    project: 'default',
    runId,
    stage: 'train',
    at: '2026-01-01T00:00:00.000Z',
    epoch,
    resumedFromStep: 0,
    worker: 'test',
  };
}

describe('the store of events', () => {
  it('sorts a mixed batch into the logs of its runs', async () => {
    const store = new EventStore(folder);
    await store.append([attempt('one', 1), attempt('two', 1), attempt('one', 2)]);
    expect((await store.log({ project: 'default', runId: 'one' })).lastSequence).toBe(2);
    expect((await store.log({ project: 'default', runId: 'two' })).lastSequence).toBe(1);
  });

  it('never opens one run twice, however many ask for it at once', async () => {
    const store = new EventStore(folder);
    const run = { project: 'default', runId: 'one' };
    const [first, ...others] = await Promise.all([store.log(run), store.log(run), store.log(run)]);
    expect(others.every((log) => log === first)).toBe(true);
  });

  it('keeps the one writer of a log that is still in use when many other runs come', async () => {
    const store = new EventStore(folder);
    const held = await store.log({ project: 'default', runId: 'held' });
    for (let index = 0; index < 200; index += 1) await store.log({ project: 'default', runId: `r${index}` });
    expect(await store.log({ project: 'default', runId: 'held' })).toBe(held);
  });
});
