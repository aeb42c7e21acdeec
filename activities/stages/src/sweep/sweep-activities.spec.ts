import { MockActivityEnvironment } from '@temporalio/testing';
import { createMemoryStores, SweepLog } from '@vitrine/artifact-store';
import {
  sweepSpecSchema,
  type ArtifactRef,
  type SteerAnswer,
  type SteerRequest,
  type SweepActivities,
  type SweepRequest,
  type TrialNews,
} from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { createSweepControl } from './sweep-activities.js';

const at = '2026-01-01T00:00:00.000Z';
const request: SweepRequest = {
  project: 'default',
  sweepId: 'rates-1',
  codeVersion: 'code',
  submittedAt: at,
  spec: sweepSpecSchema.parse({
    version: 1,
    name: 'rates',
    pipeline: { version: 1, name: 'small', stages: { only: { kind: 'noop' } } },
    space: { steps: { type: 'int', low: 1, high: 1000, set: 'stages.only.params.steps' } },
    objective: { metric: 'only.steps', direction: 'minimize' },
    sampler: { kind: 'tpe', startup: 5 },
    budget: { trials: 150 },
  }),
};

const steerWith = (control: SweepActivities, asked: SteerRequest): Promise<SteerAnswer> =>
  new MockActivityEnvironment().run(
    (request: SteerRequest) => control.steerSweep(request),
    asked,
  ) as Promise<SteerAnswer>;

/** Steers a sweep to its end one trial at a time, through `control(round)`. */
async function drive(
  control: (round: number) => ReturnType<typeof createSweepControl>,
): Promise<SteerAnswer[]> {
  const answers: SteerAnswer[] = [];
  let news: TrialNews[] = [];
  for (let round = 0; ; round += 1) {
    const log = answers.at(-1)?.log;
    const asked = {
      project: 'default',
      sweepId: 'rates-1',
      ...(log && { log }),
      news,
      free: 1,
      budget: request.spec.budget,
      at,
    };
    const answer: SteerAnswer = await steerWith(control(round), asked);
    answers.push(answer);
    if (answer.finished) return answers;
    news = answer.legs.map(({ trial, segments }) => ({
      type: 'reported' as const,
      trial,
      value: Math.abs(Number(segments[0]?.point['steps']) - 300),
      deviceSeconds: 1,
      at,
    }));
  }
}

describe('the sampler and the scheduler of a sweep', () => {
  it('decide the same whether they remember or are made again from the log each time', async () => {
    const stores = createMemoryStores();
    await stores.sweeps.putRequest(request);
    const one = createSweepControl(stores);
    const remembered = await drive(() => one);
    const forgetful = await drive(() => createSweepControl(stores));
    expect(forgetful).toEqual(remembered);
    expect(remembered.at(-1)?.tally).toMatchObject({ started: 150, completed: 150 });
    const log = await SweepLog.read(stores.artifacts('default'), remembered.at(-1)?.log);
    // Start, report and end of each.
    expect(log.events).toHaveLength(450);
  });

  it('answer a question that is asked again as they did before', async () => {
    const stores = createMemoryStores();
    await stores.sweeps.putRequest(request);
    const control = createSweepControl(stores);
    const ask = () =>
      new MockActivityEnvironment().run(control.steerSweep, {
        project: 'default',
        sweepId: 'rates-1',
        news: [],
        free: 3,
        budget: request.spec.budget,
        at,
      });
    expect(await ask()).toEqual(await ask());
  });

  it('answer with no more rungs than travel together', async () => {
    const stores = createMemoryStores();
    const values = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(150_000));
    const note = { type: 'choice', values, set: 'stages.only.params.note' };
    const spec = sweepSpecSchema.parse({ ...request.spec, space: { note }, sampler: { kind: 'grid' } });
    await stores.sweeps.putRequest({ ...request, spec });
    const { budget } = spec;
    const asked = { project: 'default', sweepId: 'rates-1', news: [], free: 8, budget, at };
    const answer = await steerWith(createSweepControl(stores), asked);
    expect(answer.more).toBe(true);
    expect(JSON.stringify(answer).length).toBeLessThan(2 ** 20);
  });

  it('keep what is open of a sweep for its next history', async () => {
    const { storeOpen, recallOpen } = createSweepControl(createMemoryStores());
    const segments = [{ point: { steps: 3 }, until: 0 }];
    const waiting = [{ trial: 2, rung: 0, segments, at, attempt: 2, deviceSeconds: 1.5 }];
    const open = {
      news: [{ type: 'reported' as const, trial: 1, value: null, deviceSeconds: 1, at }],
      waiting,
    };
    const environment = new MockActivityEnvironment();
    const ref: ArtifactRef = await environment.run(storeOpen, 'default', open);
    expect(await environment.run(recallOpen, 'default', ref)).toEqual(open);
  });

  it('say what is missing when the request of a sweep is gone', async () => {
    const control = createSweepControl(createMemoryStores());
    const asked = { project: 'default', sweepId: 'gone', news: [], free: 1, budget: { trials: 1 }, at };
    await expect(new MockActivityEnvironment().run(control.steerSweep, asked)).rejects.toMatchObject({
      type: 'ArtifactMissing',
    });
  });
});
