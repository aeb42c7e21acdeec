import type { NumericsProfile } from '@vitrine/contracts';
import { availableParallelism } from 'node:os';
import { processEnvironment, readConfig } from '@vitrine/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../job/start-backend.js';
import { MemoryArtifacts } from '../testing/memory-artifacts.js';
import { buildBatchThread } from '../testing/build-batch-thread.js';
import { buildReplica } from '../testing/build-replica.js';
import { Killed, StageHarness, type Attempt } from '../testing/stage-harness.js';

const params = {
  model: { imageSize: 8, patchSize: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2, classes: 4 },
  epochs: 2,
  batchSize: 8,
  cropPadding: 1,
  optimizer: { learningRate: 5e-3, warmupSteps: 2 },
  checkpoint: { everySteps: 3 },
};
const threads = Number(process.env['TF_NUM_INTRAOP_THREADS'] ?? availableParallelism());
const artifacts = new MemoryArtifacts();
let profile: NumericsProfile;

beforeAll(async () => {
  await Promise.all([buildBatchThread(), buildReplica()]);
  ({ profile } = await startBackend(readConfig(processEnvironment()), {
    threads,
    precision: 'float32',
    execution: 'captured',
  }));
});

/** `devices` processors, one of them the test's own process. */
function harness(devices: number, more: object = {}): StageHarness<'train'> {
  return new StageHarness('train', { ...params, ...more }, artifacts, {
    profile: { ...profile, ...(devices > 1 && { devices }) },
    otherDevices: Array.from({ length: devices - 1 }, () => process.env),
  });
}

async function ended({ product, error }: Attempt<'train'>) {
  if (!product) throw error;
  const text = await artifacts.text(product.outputs.history);
  const rows = text.trimEnd().split('\n');
  const losses = rows
    .map((row) => JSON.parse(row) as { event: string; loss: number })
    .flatMap(({ event, loss }) => (event === 'step' ? [loss] : []));
  return {
    weights: product.outputs.model.sha256,
    losses,
    steps: rows.filter((row) => !row.includes('"stage"')),
  };
}

const run = async (devices: number, more?: object) =>
  ended(await harness(devices, more).attempt({ init: undefined, resume: undefined }));

describe('training on several devices', () => {
  let two: Awaited<ReturnType<typeof ended>>;
  beforeAll(async () => {
    two = await run(2);
  });

  it('gives on two devices the very bytes of one device that takes the batch in two parts', async () => {
    expect(two.losses).toHaveLength(8);
    expect(await run(1, { microBatch: 4 })).toEqual(two);
  });

  it('has the losses of the whole batch on one device within 1e-5', async () => {
    const whole = await run(1);
    two.losses.forEach((loss, step) =>
      expect(Math.abs(loss / (whole.losses[step] ?? NaN) - 1)).toBeLessThan(1e-5),
    );
    expect(two.weights).not.toBe(whole.weights);
  });

  it('goes on from its checkpoints with the very bytes of the uninterrupted one', async () => {
    const killed = await harness(2).attempt({ init: undefined, resume: undefined }, { killAfterReports: 5 });
    expect(killed.error).toBeInstanceOf(Killed);
    const previous = killed.checkpoints.at(-1) ?? null;
    expect(previous?.step).toBe(3);
    expect(
      await ended(await harness(2).attempt({ init: undefined, resume: undefined }, { previous })),
    ).toEqual(two);
  });

  it('takes a share in parts, on every device, and gives the same bytes each time', async () => {
    const [once, again] = [await run(2, { microBatch: 2 }), await run(2, { microBatch: 2 })];
    expect(again).toEqual(once);
    once.losses.forEach((loss, step) =>
      expect(Math.abs(loss / (two.losses[step] ?? NaN) - 1)).toBeLessThan(1e-5),
    );
  });

  it('refuses a batch that the devices do not share evenly', async () => {
    const uneven = await harness(3).attempt({ init: undefined, resume: undefined });
    expect(uneven.error).toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'resources.devices', actual: 'expected a divisor of batchSize 8, got 3' },
    });
  });

  it('says which device failed, and of what', async () => {
    const broken = new StageHarness('train', params, artifacts, {
      profile: { ...profile, devices: 2 },
      otherDevices: [{ ...process.env, TF_NUM_INTRAOP_THREADS: `${threads + 1}` }],
    });
    expect((await broken.attempt({ init: undefined, resume: undefined })).error).toMatchObject({
      message: expect.stringContaining('TF_NUM_INTRAOP_THREADS'),
      details: { where: 'device 2 of 2' },
    });
    const absent = new StageHarness('train', params, artifacts, {
      profile: { ...profile, devices: 2 },
      otherDevices: [{ ...process.env, NODE_OPTIONS: '--require=./no-such-module.cjs' }],
    });
    expect((await absent.attempt({ init: undefined, resume: undefined })).error).toMatchObject({
      code: 'StageFailed',
      details: { where: 'device 2 of 2', actual: 'exit code 1' },
    });
  });

  it('refuses devices that do not compute alike', async () => {
    const other = new StageHarness('train', params, artifacts, {
      profile: { ...profile, device: 'another', devices: 2 },
      otherDevices: [process.env],
    });
    expect((await other.attempt({ init: undefined, resume: undefined })).error).toMatchObject({
      code: 'NumericsMismatch',
    });
  });
});
