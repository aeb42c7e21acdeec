import { beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactRef, HistoryRow } from '@vitrine/contracts';
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

describe('the controls', () => {
  it('mode random shrinks Gaussian noise instead of learning it, and resumes in the middle of it', async () => {
    const random = await subject({ synthesis: { ...params.synthesis, mode: 'random' } });
    const whole = await random.harness.attempt({ model: random.model });
    const { history } = await end(random, whole);
    const norms = rowsOf(history).flatMap((row) => (row.event === 'synthesis' ? [row.norm] : []));
    expect((norms[1] ?? NaN) / (norms[0] ?? NaN)).toBeCloseTo(0.8, 5);
    const killed = await random.harness.attempt({ model: random.model }, { killAfterReports: 3 });
    const resumed = await random.harness.attempt(
      { model: random.model },
      { previous: killed.checkpoints.at(-1) ?? null },
    );
    expect(await end(random, resumed)).toEqual(await end(random, whole));
  });

  it('mode none learns on clean images alone, the same number of steps', async () => {
    const none = await subject({ synthesis: { ...params.synthesis, mode: 'none' } });
    const attempt = await none.harness.attempt({ model: none.model });
    const { history, summary } = await end(none, attempt);
    expect(shapeOf(history)).toBe('llle'.repeat(3));
    expect(summary).toMatchObject({ steps: 9, rounds: [] });
    expect(attempt.reports.at(-1)?.total).toBe(9);
    const killed = await none.harness.attempt({ model: none.model }, { killAfterReports: 6 });
    const resumed = await none.harness.attempt(
      { model: none.model },
      { previous: killed.checkpoints.at(-1) ?? null },
    );
    expect(await end(none, resumed)).toEqual(await end(none, attempt));
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
