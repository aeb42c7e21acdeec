import { sweepSpecSchema, type SweepSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { checkPoints } from './check-points.js';

const sweep = (changes: object): SweepSpec =>
  sweepSpecSchema.parse({
    version: 1,
    name: 'small',
    pipeline: { version: 1, name: 'small', stages: { train: { kind: 'train', params: { epochs: 3 } } } },
    space: { batch: { type: 'int', low: 8, high: 64, step: 8, set: 'stages.train.params.batchSize' } },
    objective: { metric: 'train.testAccuracy', direction: 'maximize' },
    sampler: { kind: 'grid' },
    budget: { trials: 8 },
    ...changes,
  });

describe('the points of a space', () => {
  it('pass when the pipeline takes all of them, in rungs too', () => {
    expect(() => checkPoints(sweep({}))).not.toThrow();
    const rungs = { scheduler: { kind: 'asha' }, resource: { stage: 'train', max: 3 } };
    expect(() => checkPoints(sweep(rungs))).not.toThrow();
  });

  it('are refused when constraints leave none', () => {
    const none = { constraints: [{ sum: { batch: 1 }, atMost: 7 }] };
    for (const sampler of [{ kind: 'grid' }, { kind: 'random' }])
      expect(() => checkPoints(sweep({ ...none, sampler }))).toThrow('The space of the sweep is empty.');
  });

  it('are refused when a grid has more of them than can be told apart', () => {
    const steps = { type: 'int', low: 1, high: 1_000_000, set: 'seed' };
    const batch = { type: 'int', low: 8, high: 64, set: 'stages.train.params.batchSize' };
    expect(() => checkPoints(sweep({ space: { steps, batch } }))).toThrow(
      'A grid has too many combinations.',
    );
  });

  it('are refused with the field and the point that the pipeline does not take', () => {
    const space = { batch: { type: 'choice', values: [8, 0], set: 'stages.train.params.batchSize' } };
    let thrown: unknown;
    try {
      checkPoints(sweep({ space }));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'stages.train.params.batchSize',
        actual: expect.stringContaining('{"batch":0}: stages.train.params.batchSize'),
      },
    });
  });
});
