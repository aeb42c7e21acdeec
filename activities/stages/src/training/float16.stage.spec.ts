import { graphExecutor } from '@vitrine/backend';
import type { NumericsProfile } from '@vitrine/contracts';
import type { HostTensor, ProgramExecutor } from '@vitrine/ml-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../checkpoint-codec.js';
import { buildBatchThread } from '../testing/build-batch-thread.js';
import { MemoryArtifacts } from '../testing/memory-artifacts.js';
import { Killed, StageHarness, type Attempt } from '../testing/stage-harness.js';
import { z } from 'zod';

const params = {
  model: { imageSize: 8, patchSize: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2, classes: 4 },
  epochs: 2,
  batchSize: 8,
  cropPadding: 1,
  optimizer: { learningRate: 5e-3, warmupSteps: 2 },
  checkpoint: { everySteps: 2 },
};
const artifacts = new MemoryArtifacts();
const profile: NumericsProfile = {
  build: 'test',
  device: 'test',
  threads: 1,
  precision: 'float16',
  execution: 'captured',
};

/** Real products in float16, and a gradient that overflows at these calls of its norm, counted from 0. */
function overflowingAt(calls: readonly number[]): ProgramExecutor {
  const real = graphExecutor(undefined, { precision: 'float16' });
  return {
    start: (program) => {
      const running = real.start(program);
      let norms = 0;
      return {
        run: (name, inputs) => {
          const outputs = running.run(name, inputs);
          if (name !== 'gradientNorm' || !calls.includes(norms++)) return outputs;
          const gradientNorm: HostTensor = { dtype: 'float32', shape: [], data: Float32Array.of(Infinity) };
          return { gradientNorm };
        },
        readState: (names) => running.readState(names),
        writeState: (values) => running.writeState(values),
        dispose: () => running.dispose(),
      };
    },
  };
}

const harness = (overflows: readonly number[]): StageHarness<'train'> =>
  new StageHarness('train', params, artifacts, { profile, executor: overflowingAt(overflows) });

async function rowsOf({ product, error }: Attempt<'train'>) {
  if (!product) throw error;
  const text = await artifacts.text(product.outputs.history);
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => JSON.parse(row) as { event: string; step: number; loss: number; lossScale?: number });
}

/** [log2 of the scale, good steps, dropped]. */
function scalingOf(attempt: Attempt<'train'>, step: number): number[] {
  const stored = attempt.checkpoints.find((checkpoint) => checkpoint.step === step);
  const { arrays } = decodeCheckpoint('train', z.unknown(), stored?.content ?? new Uint8Array());
  return [...(arrays['loss-scale/state']?.data ?? [])];
}

describe('training with products in float16', () => {
  beforeAll(buildBatchThread);

  it('follows float32 within 1 %, and keeps the scale in its checkpoints', async () => {
    const attempt = await harness([]).attempt({ init: undefined, resume: undefined });
    const plain = await new StageHarness('train', params, artifacts).attempt({
      init: undefined,
      resume: undefined,
    });
    const lossesOf = (rows: Awaited<ReturnType<typeof rowsOf>>): number[] =>
      rows.flatMap(({ event, loss }) => (event === 'step' ? [loss] : []));
    const [half, full] = [lossesOf(await rowsOf(attempt)), lossesOf(await rowsOf(plain))];
    expect(half).toHaveLength(8);
    expect(half).not.toEqual(full);
    half.forEach((loss, step) => expect(Math.abs(loss / (full[step] ?? NaN) - 1)).toBeLessThan(0.01));
    expect(scalingOf(attempt, 8)).toEqual([16, 8, 0]);
    expect(scalingOf(plain, 8)).toEqual([]);
  });

  it('drops a step whose gradient overflows, halves the scale, and says so in its history', async () => {
    const attempt = await harness([0, 3]).attempt({ init: undefined, resume: undefined });
    const rows = await rowsOf(attempt);
    expect(rows.filter(({ event }) => event === 'dropped')).toEqual([
      { event: 'dropped', step: 1, epoch: 0.25, lossScale: 32_768 },
      { event: 'dropped', step: 4, epoch: 1, lossScale: 16_384 },
    ]);
    expect(rows.filter(({ event }) => event === 'step').map(({ step }) => step)).toEqual([2, 3, 5, 6, 7, 8]);
    expect(scalingOf(attempt, 8)).toEqual([14, 4, 2]);
  });

  it('leaves weights and moments alone in a step that is dropped', async () => {
    const often = { ...params, checkpoint: { everySteps: 1 } };
    const attempt = await new StageHarness('train', often, artifacts, {
      profile,
      executor: overflowingAt([0]),
    }).attempt({ init: undefined, resume: undefined });
    const [first, second] = attempt.checkpoints.map(({ content }) => {
      const { arrays } = decodeCheckpoint('train', z.unknown(), content);
      return Object.entries(arrays).filter(([name]) => name.startsWith('adamw.'));
    });
    const moved = (entries: typeof first): boolean =>
      (entries ?? []).some(([, { data }]) => data.some((value) => value !== 0));
    expect([moved(first), moved(second)]).toEqual([false, true]);
  });

  it('goes on from a checkpoint with the very bytes of the uninterrupted training', async () => {
    const undisturbed = await harness([0, 3]).attempt({ init: undefined, resume: undefined });
    const killed = await harness([0, 3]).attempt(
      { init: undefined, resume: undefined },
      { killAfterReports: 3 },
    );
    expect(killed.error).toBeInstanceOf(Killed);
    const previous = killed.checkpoints.at(-1) ?? null;
    expect([previous?.step, scalingOf(killed, 2)]).toEqual([2, [15, 1, 1]]);
    // Two steps are behind it: the overflow of the fourth is the second that is still to come.
    const resumed = await harness([1]).attempt({ init: undefined, resume: undefined }, { previous });
    expect(resumed.product?.outputs.model.sha256).toBe(undisturbed.product?.outputs.model.sha256);
    expect(await rowsOf(resumed)).toEqual(await rowsOf(undisturbed));
  });

  it('fails when the gradient overflows without any scaling', async () => {
    const always = Array.from({ length: 20 }, (_, call) => call);
    const long = new StageHarness('train', { ...params, epochs: 5 }, artifacts, {
      profile,
      executor: overflowingAt(always),
    });
    const { error, checkpoints } = await long.attempt({ init: undefined, resume: undefined });
    expect(error).toMatchObject({
      code: 'NonFiniteLoss',
      details: { where: expect.stringContaining('step 16') },
    });
    expect(checkpoints.at(-1)?.step).toBe(16);
  });
});
