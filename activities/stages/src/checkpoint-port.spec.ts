import { createMemoryStores, type CheckpointLease } from '@vitrine/artifact-store';
import { VitrineError, type NumericsProfile } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { CheckpointUploader, type CheckpointReport, type OutageLimits } from './checkpoint-port.js';

const profile: NumericsProfile = {
  build: 'b',
  device: 'd',
  threads: 1,
  precision: 'float32',
  execution: 'eager',
};
const scope = { project: 'default', runId: 'run-1', stage: 'train' };
const outage = new VitrineError('StorageUnavailable', 'The store does not answer.');

interface Door {
  readonly step: number;
  open(failure?: Error): void;
}

/** A lease on a real store behind doors: each save waits until the test opens its own. */
async function guardedLease() {
  const stores = createMemoryStores();
  const lease = await stores.checkpoints.claim(scope, 'first');
  const doors: Door[] = [];
  const guarded: CheckpointLease = {
    epoch: lease.epoch,
    previous: lease.previous,
    save: async (...args) => {
      await new Promise<void>((resolve, reject) => {
        const open = (failure?: Error): void => (failure ? reject(failure) : resolve());
        doors.push({ step: args[0], open });
      });
      return lease.save(...args);
    },
  };
  const storedStep = async () => (await stores.checkpoints.claim(scope, 'reader')).previous?.step;
  return { stores, doors, guarded, storedStep };
}

async function uploader(limits: Partial<OutageLimits> = {}) {
  const { guarded, ...rest } = await guardedLease();
  const clock = { now: 0 };
  const stored: CheckpointReport[] = [];
  const waiting: string[] = [];
  const lost: unknown[] = [];
  const port = new CheckpointUploader({
    lease: guarded,
    profile,
    previous: null,
    now: () => clock.now,
    sleep: () => turn(),
    onStored: (report) => stored.push(report),
    onWaiting: (message) => waiting.push(message),
    onLost: (error) => lost.push(error),
    limits,
  });
  return { ...rest, port, clock, stored, waiting, lost };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await turn();
}
const snapshot = (step: number) => ({ step, content: new Uint8Array([step]) });

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = (): void => {
    pending = false;
  };
  promise.then(done, done);
  await turns();
  return pending;
}

describe('checkpoints of a stage', () => {
  it('are stored while the stage goes on, with the time it took and the time it held the stage up', async () => {
    const { port, doors, clock, stored, storedStep } = await uploader();
    await port.save(snapshot(1));
    clock.now = 2500;
    expect(stored).toEqual([]);
    doors[0]?.open();
    await port.settle();
    expect(stored).toEqual([{ epoch: 1, step: 1, bytes: 1, seconds: 2.5, stallSeconds: 0 }]);
    expect(await storedStep()).toBe(1);
  });

  it('are stored one at a time, each save waiting for the one before', async () => {
    const { port, doors, clock, stored } = await uploader();
    await port.save(snapshot(1));
    const second = port.save(snapshot(2));
    expect(await isPending(second)).toBe(true);
    expect(doors.map(({ step }) => step)).toEqual([1]);
    clock.now = 700;
    doors[0]?.open();
    await second;
    doors[1]?.open();
    await port.settle();
    expect(stored.map(({ step, stallSeconds }) => [step, stallSeconds])).toEqual([
      [1, 0],
      [2, 0.7],
    ]);
  });

  it('do not hold the stage up in an outage, after which the newest one is stored', async () => {
    const { port, doors, stored, waiting, storedStep } = await uploader();
    await port.save(snapshot(1));
    const second = port.save(snapshot(2));
    doors[0]?.open(outage);
    await second;
    await port.save(snapshot(3));
    await turns();
    doors.at(-1)?.open(outage);
    await turns();
    expect(doors.map(({ step }) => step)).toEqual([1, 3, 3]);
    expect(waiting).toHaveLength(2);
    expect(waiting[0]).toBe('checkpoint of step 1 is not stored yet: The store does not answer.');
    doors.at(-1)?.open();
    await port.settle();
    expect(stored.map(({ step }) => step)).toEqual([3]);
    expect(await storedStep()).toBe(3);
  });

  it('go on as before when an outage is over', async () => {
    const { port, doors } = await uploader();
    await port.save(snapshot(1));
    doors[0]?.open(outage);
    await turns();
    doors[1]?.open();
    await port.settle();
    await port.save(snapshot(2));
    expect(await isPending(port.save(snapshot(3)))).toBe(true);
  });

  it('are given up, and the stage with them, when an outage lasts too long', async () => {
    const { port, doors, clock, lost } = await uploader({ outageMilliseconds: 1000 });
    await port.save(snapshot(1));
    doors[0]?.open(outage);
    await turns();
    clock.now = 1001;
    doors[1]?.open(outage);
    await expect(port.settle()).rejects.toBe(outage);
    await expect(port.save(snapshot(2))).rejects.toBe(outage);
    expect(lost).toEqual([outage]);
  });

  it('are given up when too many in a row are not stored', async () => {
    const { port, doors, lost } = await uploader({ unsaved: 2 });
    await port.save(snapshot(1));
    doors[0]?.open(outage);
    await turns();
    await port.save(snapshot(2));
    await port.save(snapshot(3));
    await expect(port.save(snapshot(4))).rejects.toMatchObject({
      code: 'StorageUnavailable',
      message: '3 checkpoints could not be stored in a row.',
    });
    expect(lost).toHaveLength(1);
  });

  it('stop the stage at once when a newer attempt owns it', async () => {
    const { port, doors, lost, stores, storedStep } = await uploader();
    await stores.checkpoints.claim(scope, 'newer');
    await port.save(snapshot(1));
    doors[0]?.open();
    await expect(port.settle()).rejects.toMatchObject({ code: 'CheckpointFenced' });
    await expect(port.save(snapshot(2))).rejects.toMatchObject({ code: 'CheckpointFenced' });
    expect(lost).toHaveLength(1);
    expect(await storedStep()).toBeUndefined();
  });

  it('free a waiting save when the upload before it is lost', async () => {
    const { port, doors } = await uploader();
    await port.save(snapshot(1));
    const second = port.save(snapshot(2));
    doors[0]?.open(new VitrineError('InvalidConfig', 'The keys are wrong.'));
    await expect(second).rejects.toMatchObject({ code: 'InvalidConfig' });
  });
});
