import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventRelay } from './event-relay.js';
import { EventSpool } from './event-spool.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-relay-'));
  path = join(folder, 'spool', 'events.ndjson');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function log(message: string): RunEvent {
  return {
    type: 'log',
    project: 'default',
    runId: 'r',
    stage: 's',
    at: '2026-01-01T00:00:00.000Z',
    level: 'info',
    message,
  };
}

function progress(step: number): RunEvent {
  const figures = { phase: 'train', step, total: 10, stepsPerSecond: 1, etaSeconds: 1, metrics: {} };
  return {
    type: 'progress',
    project: 'default',
    runId: 'r',
    stage: 's',
    at: '2026-01-01T00:00:00.000Z',
    progress: figures,
  };
}

/** An API that can be away, and remembers what it took. */
function api(): { away: boolean; taken: RunEvent[]; post: (events: readonly RunEvent[]) => Promise<void> } {
  const state = {
    away: false,
    taken: [] as RunEvent[],
    post: async (events: readonly RunEvent[]): Promise<void> => {
      if (state.away) throw new TypeError('fetch failed');
      state.taken.push(...events);
      await Promise.resolve();
    },
  };
  return state;
}

describe('the event relay', () => {
  it('delivers in order', async () => {
    const target = api();
    const relay = new EventRelay({ post: target.post, spool: new EventSpool(path, 1e6), interval: 1 });
    relay.push(log('a'));
    relay.push(log('b'));
    await relay.close();
    expect(target.taken).toEqual([log('a'), log('b')]);
  });

  it('delivers what waited first, and each event once, when the API comes back', async () => {
    const target = api();
    target.away = true;
    const relay = new EventRelay({
      post: target.post,
      spool: new EventSpool(path, 1e6),
      interval: 1,
      retryAfter: 1,
    });
    relay.push(log('a'));
    await vi.waitFor(async () => expect(await new EventSpool(path, 1e6).read()).toEqual([log('a')]));
    relay.push(log('b'));
    target.away = false;
    await vi.waitFor(() => expect(target.taken).toEqual([log('a'), log('b')]));
    await relay.close();
    expect(target.taken).toEqual([log('a'), log('b')]);
    expect(await new EventSpool(path, 1e6).read()).toEqual([]);
  });

  it('delivers what a predecessor left, except for a line torn by its death', async () => {
    await new EventSpool(path, 1e6).append([log('left')]);
    await appendFile(path, '{"type":"lo');
    await new EventSpool(path, 1e6).append([log('after the crash')]);
    const target = api();
    const relay = new EventRelay({ post: target.post, spool: new EventSpool(path, 1e6), interval: 1 });
    await vi.waitFor(() => expect(target.taken).toEqual([log('left'), log('after the crash')]));
    await relay.close();
  });

  it('lets go of progress and of nothing else when the spool is full', async () => {
    const spool = new EventSpool(path, 10);
    await spool.append([log('fills it')]);
    await spool.append([progress(1), log('kept'), progress(2)]);
    expect(await spool.read()).toEqual([log('fills it'), log('kept')]);
  });
});
