import { beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactRef, HistoryRow } from '@vitrine/contracts';
import type { HostTensor } from '@vitrine/ml-tensor';
import { trainableNames } from '@vitrine/ml-training';
import { loadModel } from './model-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel, smallSpec, tensorsHeld } from './testing/small-model.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';

/** 3 rounds of at most 4 steps of synthesis and 3 of learning; a checkpoint every other step. */
const params = {
  rounds: 3,
  stepsPerRound: 3,
  batchSize: 8,
  cropPadding: 1,
  optimizer: { learningRate: 1e-3 },
  synthesis: { batchSize: 16, maxSteps: 4, epsilon: 1e-6 },
  checkpoint: { everySteps: 2 },
};

interface Subject {
  readonly harness: StageHarness<'augmented-finetune'>;
  readonly model: ArtifactRef;
}

async function subject(over: object = {}): Promise<Subject> {
  const harness = new StageHarness('augmented-finetune', { ...params, ...over });
  return { harness, model: await putSmallModel(harness.artifacts) };
}

async function end({ harness }: Subject, { product, error }: Attempt<'augmented-finetune'>) {
  if (!product) throw error;
  const history = await harness.artifacts.text(product.outputs.history);
  return { weights: product.outputs.model.sha256, summary: product.summary, history };
}

const rowsOf = (history: string): HistoryRow[] =>
  history
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryRow);

const bytesOf = (host: HostTensor | undefined): Buffer =>
  host ? Buffer.from(host.data.buffer, host.data.byteOffset, host.data.byteLength) : Buffer.alloc(0);

/** `s` for a step of synthesis, `S` for a noise that is ready, `l` for a step of learning, `e` for an accuracy. */
const LETTERS: Partial<Record<HistoryRow['event'], string>> = {
  ...{ stage: '', synthesis: 's', round: 'S', step: 'l', evaluation: 'e' },
};
const shapeOf = (history: string): string =>
  rowsOf(history)
    .map(({ event }) => LETTERS[event] ?? '')
    .join('');

beforeAll(buildBatchThread);

describe('finetuning with learned noise', () => {
  let learned: Subject;
  let undisturbed: Attempt<'augmented-finetune'>;
  beforeAll(async () => {
    learned = await subject();
    undisturbed = await learned.harness.attempt({ model: learned.model });
  });

  it('synthesizes a fresh noise for every round, then learns with it', async () => {
    const { history, summary } = await end(learned, undisturbed);
    expect(shapeOf(history)).toBe('ssssSlllessssSlllessssSllle');
    expect(summary).toMatchObject({ steps: 9, parameters: 5428 });
    expect(
      summary.rounds.map(({ round, synthesisSteps, converged }) => [round, synthesisSteps, converged]),
    ).toEqual([0, 1, 2].map((round) => [round, 4, false]));
    expect(new Set(summary.rounds.map(({ norm }) => norm)).size).toBe(3);
  });

  it('counts steps of both kinds towards one total', () => {
    const ticks = undisturbed.reports.filter(({ phase }) => phase !== 'evaluate');
    expect(ticks.map(({ step }) => step)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(ticks.every(({ total }) => total === 21)).toBe(true);
    expect(ticks.map(({ phase }) => phase).slice(0, 8)).toEqual([
      ...Array<string>(4).fill('synthesize 1'),
      ...Array<string>(3).fill('finetune 1'),
      'synthesize 2',
    ]);
  });

  it.each([1, 3, 4, 5, 6, 8, 9, 12, 16, 22])(
    'killed at report %i, in whatever phase, ends with the same bytes and the same history',
    async (killAfterReports) => {
      const { harness, model } = learned;
      const killed = await harness.attempt({ model }, { killAfterReports });
      expect(killed.error).toBeInstanceOf(Killed);
      const resumed = await harness.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
      expect(await end(learned, resumed)).toEqual(await end(learned, undisturbed));
    },
  );

  it('killed again and again ends with the same bytes', async () => {
    const ended = await learned.harness.attemptUntilDone({ model: learned.model }, 5);
    expect(ended.attempts).toBeGreaterThan(4);
    expect(await end(learned, ended)).toEqual(await end(learned, undisturbed));
  });

  it.each([3, 7, 8])('cancelled at report %i stores where it is, and goes on from there', async (at) => {
    const { harness, model } = learned;
    const cancelled = await harness.attempt({ model }, { cancelAfterReports: at });
    expect(cancelled.error).toBeInstanceOf(CancelRequest);
    expect(cancelled.checkpoints.at(-1)?.step).toBe(cancelled.reports.at(-1)?.step);
    const resumed = await harness.attempt({ model }, { previous: cancelled.checkpoints.at(-1) ?? null });
    expect(await end(learned, resumed)).toEqual(await end(learned, undisturbed));
  });

  it('leaves no tensor behind, at its end and when it is cancelled in either phase', async () => {
    const before = tensorsHeld();
    for (const cancelAfterReports of [3, 6, 100])
      await learned.harness.attempt({ model: learned.model }, { cancelAfterReports });
    expect(tensorsHeld()).toBe(before);
  });
});

describe('finetuning whose noises are ready early', () => {
  it('goes on to learning at once, and takes the steps saved off the total', async () => {
    const early = await subject({ synthesis: { batchSize: 16, maxSteps: 4, epsilon: 2 } });
    const attempt = await early.harness.attempt({ model: early.model });
    const { history, summary } = await end(early, attempt);
    expect(shapeOf(history)).toBe('sSlllesSlllesSllle');
    expect(summary.rounds.every(({ synthesisSteps, converged }) => synthesisSteps === 0 && converged)).toBe(
      true,
    );
    const ticks = attempt.reports.filter(({ phase }) => phase !== 'evaluate');
    expect(ticks.map(({ step, total }) => [step, total])).toEqual([
      [1, 17],
      [2, 17],
      [3, 17],
      [4, 13],
      [5, 13],
      [6, 13],
      [7, 9],
      [8, 9],
      [9, 9],
    ]);
  });
});

/** Ends whole, and again after a kill at a report. */
async function wholeAndKilled(over: object, killAfterReports: number) {
  const { harness, model } = await subject(over);
  const whole = await harness.attempt({ model });
  const killed = await harness.attempt({ model }, { killAfterReports });
  expect(killed.error).toBeInstanceOf(Killed);
  const resumed = await harness.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
  const ended = await end({ harness, model }, whole);
  expect(await end({ harness, model }, resumed)).toEqual(ended);
  return { ...ended, harness, model, whole };
}

describe('what finetuning is compared with', () => {
  it('random noise shrinks Gaussian noise instead of learning it, and resumes in the middle of it', async () => {
    const { history } = await wholeAndKilled({ objective: { kind: 'random-noise' } }, 3);
    const norms = rowsOf(history).flatMap((row) => (row.event === 'synthesis' ? [row.norm] : []));
    expect((norms[1] ?? NaN) / (norms[0] ?? NaN)).toBeCloseTo(0.8, 5);
  });

  it('the plain objective learns on clean images alone, the same number of steps', async () => {
    const { history, summary, whole } = await wholeAndKilled({ objective: { kind: 'plain' } }, 6);
    expect(shapeOf(history)).toBe('llle'.repeat(3));
    expect(summary).toMatchObject({ steps: 9, rounds: [] });
    expect(whole.reports.at(-1)?.total).toBe(9);
  });

  it.each(['pgd', 'trades'])(
    '%s learns against adversarial images, and resumes between any steps',
    async (kind) => {
      const objective = { kind, epsilon: 0.1, stepSize: 0.05, steps: 2, weight: 1 };
      const { history, weights, harness, model } = await wholeAndKilled({ objective }, 6);
      expect(shapeOf(history)).toBe('llle'.repeat(3));
      const killed = await harness.attempt({ model }, { killAfterReports: 3 });
      const resumed = await harness.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
      expect((await end({ harness, model }, resumed)).weights).toBe(weights);
      const plain = await subject({ objective: { kind: 'plain' } });
      const without = await end(plain, await plain.harness.attempt({ model: plain.model }));
      expect(without.weights).not.toBe(weights);
    },
  );
});

describe('finetuning on strongly augmented images', () => {
  it.each(['nullspace-noise', 'pgd'])('resumes exactly, and learns from blended labels: %s', async (kind) => {
    const objective = kind === 'pgd' ? { kind, steps: 1 } : { kind };
    const strong = { objective, rounds: 1, augmentation: 'nullspace-as-released' };
    const { weights } = await wholeAndKilled(strong, kind === 'pgd' ? 2 : 6);
    const halves = await subject({ ...strong, microBatch: 4 });
    const inParts = await halves.harness.attempt({ model: halves.model });
    const plain = await subject({ ...strong, augmentation: 'none' });
    const unblended = await plain.harness.attempt({ model: plain.model });
    const first = async (of: Subject, attempt: Attempt<'augmented-finetune'>): Promise<number> =>
      rowsOf((await end(of, attempt)).history).flatMap((row) =>
        row.event === 'step' ? [row.loss] : [],
      )[0] ?? NaN;
    const { harness, model } = await subject(strong);
    const whole = await first({ harness, model }, await harness.attempt({ model }));
    expect(await first(halves, inParts)).toBeCloseTo(whole, 4);
    expect(await first(plain, unblended)).not.toBeCloseTo(whole, 2);
    expect((await end(plain, unblended)).weights).not.toBe(weights);
  });
});

describe('finetuning that is watched', () => {
  const watch = {
    images: 12,
    conditions: [{ kind: 'clean' }, { kind: 'pgd', epsilon: 0.1, stepSize: 0.05, steps: 2 }],
  };

  it.each([1, 14])(
    'looks before the first step and after every round, and killed at report %i looks the same',
    async (killAfterReports) => {
      const { history } = await wholeAndKilled({ watch }, killAfterReports);
      const rows = rowsOf(history).filter((row) => row.event === 'robustness');
      expect(rows.map(({ step, condition: { kind }, images }) => [step, kind, images])).toEqual(
        [0, 3, 6, 9].flatMap((step) => [
          [step, 'clean', 12],
          [step, 'pgd', 12],
        ]),
      );
    },
  );

  it('learns as if nobody looked', async () => {
    const [seen, unseen] = await Promise.all(
      [{ watch }, {}].map(async (over) => {
        const of = await subject(over);
        return end(of, await of.harness.attempt({ model: of.model }));
      }),
    );
    expect(seen?.weights).toBe(unseen?.weights);
  });
});

describe('finetuning of some layers', () => {
  it('keeps the values of all others, resumed in the middle', async () => {
    const { harness, model, whole } = await wholeAndKilled(
      { objective: { kind: 'plain' }, trainable: { kind: 'last-blocks', blocks: 1 } },
      5,
    );
    const before = await loadModel(harness.artifacts, model);
    const after = await loadModel(harness.artifacts, whole.product?.outputs.model as ArtifactRef);
    const changed = Object.keys(before.weights).filter(
      (name) => !bytesOf(after.weights[name]).equals(bytesOf(before.weights[name])),
    );
    const learning = trainableNames(smallSpec, { kind: 'last-blocks', blocks: 1 });
    expect(changed.toSorted()).toEqual(learning.toSorted());
  });

  it('refuses more blocks than there are', async () => {
    const { harness, model } = await subject({ trainable: { kind: 'last-blocks', blocks: 9 } });
    expect((await harness.attempt({ model })).error).toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'params.trainable.blocks', expected: 'at most the depth 2', actual: '9' },
    });
  });
});

describe('the recipe as released', () => {
  it('normalises as for ImageNet, takes a step more a round, and pulls on the noise', async () => {
    const released = await subject({ recipe: 'as-released', rounds: 1 });
    const attempt = await released.harness.attempt({ model: released.model });
    const { history } = await end(released, attempt);
    expect(shapeOf(history)).toBe('ssssSlllle');
    const { spec } = await loadModel(
      released.harness.artifacts,
      attempt.product?.outputs.model as ArtifactRef,
    );
    expect(spec.mean).toEqual([0.485, 0.456, 0.406]);
    const normsOf = async (over: object): Promise<number[]> => {
      const other = await subject({ rounds: 1, ...over });
      const ended = await end(other, await other.harness.attempt({ model: other.model }));
      return rowsOf(ended.history).flatMap((row) => (row.event === 'synthesis' ? [row.norm] : []));
    };
    const pulled = await normsOf({ synthesis: { ...params.synthesis, weightDecay: 0.01 } });
    const free = await normsOf({});
    // A thousandth of the noise a step; the start is the same.
    expect((pulled[0] ?? NaN) / (free[0] ?? NaN)).toBeCloseTo(0.999, 4);
  });
});

describe('finetuning that cannot be done', () => {
  it('refuses a checkpoint of another stage kind and a model for other images', async () => {
    const { harness, model } = await subject();
    const { checkpoints } = await harness.attempt({ model }, { killAfterReports: 4 });
    const previous = checkpoints.at(-1) ?? null;
    const train = new StageHarness('train', { model: smallSpec, batchSize: 8 });
    expect((await train.attempt({ init: undefined, resume: undefined }, { previous })).error).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { expected: 'train', actual: 'augmented-finetune' },
    });
    const wider = await putSmallModel(harness.artifacts, { imageSize: 16 });
    expect((await harness.attempt({ model: wider })).error).toMatchObject({
      code: 'ShapeMismatch',
      details: { where: 'model.imageSize' },
    });
  });
});
