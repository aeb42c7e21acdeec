import { describe, expect, it } from 'vitest';
import { DevicePool } from './device-pool.js';

const never = new AbortController().signal;

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = (): void => {
    pending = false;
  };
  promise.then(done, done);
  await new Promise((resolve) => setImmediate(resolve));
  return pending;
}

describe('the devices of a pool', () => {
  it('are held by one stage at a time', async () => {
    const pool = new DevicePool(2);
    const [first, second] = [await pool.acquire(1, never), await pool.acquire(1, never)];
    expect([...first.devices, ...second.devices]).toEqual([0, 1]);
    const third = pool.acquire(1, never);
    expect(await isPending(third)).toBe(true);
    second.release();
    expect((await third).devices).toEqual([1]);
    expect(pool.busy).toBe(2);
  });

  it('are given out in the order of asking, so that a stage that wants many gets them', async () => {
    const pool = new DevicePool(2);
    const first = await pool.acquire(1, never);
    const both = pool.acquire(2, never);
    const late = pool.acquire(1, never);
    expect(await isPending(late)).toBe(true);
    first.release();
    (await both).release();
    expect((await late).devices).toEqual([0]);
  });

  it('are given back once, however often', async () => {
    const pool = new DevicePool(1);
    const lease = await pool.acquire(1, never);
    lease.release();
    lease.release();
    await pool.acquire(1, never);
    expect(await isPending(pool.acquire(1, never))).toBe(true);
  });

  it('are not waited for any longer once the stage is to stop', async () => {
    const pool = new DevicePool(1);
    const held = await pool.acquire(1, never);
    const controller = new AbortController();
    const waiting = pool.acquire(1, controller.signal);
    const next = pool.acquire(1, never);
    const reason = new Error('cancelled');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    held.release();
    expect((await next).devices).toEqual([0]);
  });

  it('cannot be more than there are', async () => {
    await expect(new DevicePool(2).acquire(3, never)).rejects.toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'resources.devices', expected: 'at most 2', actual: '3' },
    });
  });
});
