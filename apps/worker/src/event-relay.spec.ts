import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@vitrine/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { EventRelay, type Delivery } from './event-relay.js';
import { EventSpool } from './event-spool.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));
function spoolFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-relay-'));
  folders.push(folder);
  return folder;
}

const event = (step: number): RunEvent => ({
  type: 'log',
  project: 'default',
  runId: 'run-1',
  stage: 'train',
  at: '2026-01-01T00:00:00.000Z',
  level: 'info',
  message: `event ${step}`,
});

/** An API that is up or down, and refuses some events. */
function api(refuses: (event: RunEvent) => boolean = () => false) {
  const state = { isUp: true, got: [] as RunEvent[], requests: [] as number[], warnings: [] as string[] };
  const deliver = (events: readonly RunEvent[]): Promise<Delivery> => {
    state.requests.push(events.length);
    if (!state.isUp) return Promise.resolve({ outcome: 'unavailable', why: 'ECONNREFUSED' });
    if (events.some(refuses)) return Promise.resolve({ outcome: 'refused', why: '400' });
    state.got.push(...events);
    return Promise.resolve({ outcome: 'accepted' });
  };
  return Object.assign(state, { deliver });
}

function relayTo(target: ReturnType<typeof api>, folder = spoolFolder()): EventRelay {
  return new EventRelay({
    deliver: target.deliver,
    spool: new EventSpool(folder),
    warn: (message) => target.warnings.push(message),
    timing: { batchMilliseconds: 1, firstRetryMilliseconds: 1, longestRetryMilliseconds: 4 },
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const range = (from: number, to: number): RunEvent[] =>
  Array.from({ length: to - from }, (_, index) => event(from + index));

describe('the relay of events', () => {
  it('brings them in order and in batches', async () => {
    const target = api();
    const relay = relayTo(target);
    range(0, 1200).forEach((one) => relay.emit(one));
    await until(() => target.got.length === 1200);
    expect(target.got).toEqual(range(0, 1200));
    expect(target.requests).toEqual([500, 500, 200]);
    await relay.close();
  });

  it('keeps them on disk while the API is down, and brings them in order when it is back', async () => {
    const target = api();
    const folder = spoolFolder();
    const relay = relayTo(target, folder);
    target.isUp = false;
    range(0, 10).forEach((one) => relay.emit(one));
    await until(() => target.requests.length > 3);
    expect(new EventSpool(folder, {}, process.pid).oldest()).toEqual(range(0, 10));
    range(10, 20).forEach((one) => relay.emit(one));
    target.isUp = true;
    await until(() => target.got.length === 20);
    range(20, 25).forEach((one) => relay.emit(one));
    await relay.close();
    expect(target.got).toEqual(range(0, 25));
    expect(target.warnings).toEqual(['the API cannot be reached, events wait on disk: ECONNREFUSED']);
  });

  it('leaves to the next worker what could not be delivered before its end', async () => {
    const target = api();
    target.isUp = false;
    const folder = spoolFolder();
    const relay = relayTo(target, folder);
    range(0, 3).forEach((one) => relay.emit(one));
    await relay.close();
    relay.emit(event(3));
    expect(target.got).toEqual([]);
    target.isUp = true;
    const next = relayTo(target, folder);
    await until(() => target.got.length === 4);
    expect(target.got).toEqual(range(0, 4));
    await next.close();
    expect(readdirSync(join(folder, `worker-${process.pid}`))).toEqual([]);
  });

  it('loses an event that is refused, with a word, and none of those around it', async () => {
    const target = api((one) => one.type === 'log' && one.message === 'event 7');
    const relay = relayTo(target);
    range(0, 20).forEach((one) => relay.emit(one));
    await relay.close();
    expect(target.got).toEqual(range(0, 20).filter((_, index) => index !== 7));
    expect(target.warnings).toHaveLength(1);
    expect(target.warnings[0]).toContain('event 7');
  });

  it('outlives a disk that cannot be written to, and brings what waits there when it can', async () => {
    const folder = spoolFolder();
    const spool = new EventSpool(folder);
    spool.append(range(0, 600));
    const [segment = ''] = readdirSync(join(folder, `worker-${process.pid}`));
    const obstacle = join(folder, `worker-${process.pid}`, `${segment}.new`);
    mkdirSync(obstacle);
    const target = api((one) => one.type === 'log' && one.message === 'event 550');
    let requests = 0;
    const relay = new EventRelay({
      deliver: (events) => {
        requests += 1;
        target.isUp = requests !== 2;
        return target.deliver(events);
      },
      spool,
      warn: (message) => {
        target.warnings.push(message);
        if (message.includes('EISDIR')) rmdirSync(obstacle);
      },
      timing: { batchMilliseconds: 1, firstRetryMilliseconds: 1, longestRetryMilliseconds: 4 },
    });
    await until(() => spool.isEmpty);
    await relay.close();
    expect(target.got.slice(-599)).toEqual(range(0, 600).filter((_, index) => index !== 550));
    expect(target.warnings.join()).toMatch(/cannot be reached.*EISDIR.*event 550/s);
  });

  it('delivers nothing twice when the API goes away in the middle', async () => {
    const target = api();
    const relay = relayTo(target);
    const { deliver } = target;
    let requests = 0;
    target.deliver = (events) => {
      requests += 1;
      target.isUp = requests !== 2;
      return deliver(events);
    };
    const flaky = new EventRelay({
      deliver: (events) => target.deliver(events),
      spool: new EventSpool(spoolFolder()),
      warn: () => undefined,
      timing: { batchMilliseconds: 1, firstRetryMilliseconds: 1 },
    });
    range(0, 1500).forEach((one) => flaky.emit(one));
    await until(() => target.got.length >= 1500);
    expect(target.got).toEqual(range(0, 1500));
    await flaky.close();
    await relay.close();
  });
});
