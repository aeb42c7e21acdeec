import { describe, expect, it } from 'vitest';
import { sweepSpecSchema } from './sweep-spec.js';

const sweep = {
  version: 1,
  name: 'rates',
  pipeline: { version: 1, name: 'small', stages: { train: { kind: 'train' }, wait: { kind: 'noop' } } },
  space: {
    rate: { type: 'log-uniform', low: 1e-4, high: 1e-1, set: 'stages.train.params.optimizer.learningRate' },
  },
  objective: { metric: 'train.testAccuracy', direction: 'maximize' },
  budget: { trials: 8 },
};

/** Wrong fields with their messages. */
function refusals(changes: object): string[] {
  const result = sweepSpecSchema.safeParse({ ...sweep, ...changes });
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const asha = { kind: 'asha', minResource: 1 };
const resource = { stage: 'train', max: 9 };

describe('a sweep', () => {
  it('is accepted with a space, a metric and a budget; the rest has defaults', () => {
    expect(sweepSpecSchema.parse(sweep)).toMatchObject({
      sampler: { kind: 'tpe', startup: 10 },
      scheduler: { kind: 'none' },
      parallelism: 1,
      constraints: [],
    });
  });

  it.each<[string, object, string]>([
    ['no parameter', { space: {} }, 'space: expected at least one parameter'],
    [
      'an empty range',
      { space: { x: { type: 'int', low: 3, high: 2, set: 'stages.wait.params.steps' } } },
      'space.x.high: expected at least low 3, got 2: the range is empty',
    ],
    [
      'no choice',
      { space: { x: { type: 'choice', values: [], set: 'seed' } } },
      'space.x.values: expected at least one value',
    ],
    [
      'a range without end',
      { space: { x: { type: 'uniform', low: 0, high: Infinity, set: 'stages.train.params.batchSize' } } },
      'space.x.high: Invalid input: expected number, received Infinity',
    ],
    [
      'the logarithm of nothing',
      { space: { x: { type: 'log-uniform', low: 0, high: 1, set: 'stages.train.params.batchSize' } } },
      'space.x.low: expected more than 0: a logarithm is taken',
    ],
    [
      'a grid without end',
      { sampler: { kind: 'grid' } },
      'space.rate: expected a finite number of values for a grid, got log-uniform without end: give choice or a step, or take another sampler',
    ],
    [
      'a condition on nothing',
      { space: { x: { type: 'choice', values: [1], set: 'seed', when: { parameter: 'y', is: [1] } } } },
      'space.x.when.parameter: expected one of the parameters x, got y',
    ],
    [
      'a stage that is not there',
      { space: { x: { type: 'choice', values: [1], set: 'stages.judge.params.limit' } } },
      'space.x.set: expected one of the stages train, wait, got judge',
    ],
    [
      'a metric nobody reports',
      { objective: { metric: 'train.accuracy', direction: 'maximize' } },
      'objective.metric: expected one of steps, finalLoss, testAccuracy, parameters, weightsSha256 in the summary of kind train, got accuracy',
    ],
    [
      'a metric of a stage that is not there',
      { objective: { metric: 'judge.accuracy', direction: 'maximize' } },
      'objective.metric: expected one of the stages train, wait, got judge',
    ],
    ['a budget of no trial', { budget: { trials: 0 } }, 'budget.trials: expected at least one trial'],
    [
      'a scheduler without a resource',
      { scheduler: asha },
      'resource: expected what the scheduler asha gives trials more of',
    ],
    [
      'a first rung above the last',
      { scheduler: { ...asha, minResource: 10 }, resource },
      'scheduler.minResource: expected at most resource.max 9, got 10',
    ],
    [
      'rungs of a stage that cannot go on',
      { scheduler: asha, resource: { stage: 'wait', parameter: 'steps', max: 9 } },
      'resource.carry.input: expected one of the inputs after, got resume: give carry: null for rungs that start anew',
    ],
    [
      'a constraint on nothing',
      { constraints: [{ sum: { depth: 1 }, atMost: 3 }] },
      'constraints.0: expected one of the parameters rate, got depth',
    ],
  ])('with %s is refused by field', (_what, changes, refusal) => {
    expect(refusals(changes)).toContain(refusal);
  });

  it('with conditions in a circle, or one field set twice, is refused', () => {
    const on = (parameter: string) => ({
      type: 'choice',
      values: [1],
      set: `stages.wait.params.${parameter}`,
      when: { parameter, is: [1] },
    });
    expect(refusals({ space: { a: on('b'), b: on('a') } })).toContain(
      'space.a.when.parameter: expected no cycle, got a -> b -> a',
    );
    const twice = { type: 'choice', values: [1], set: 'seed' };
    expect(refusals({ space: { a: twice, b: twice } })).toContain(
      'space.b.set: expected each field to be set by one parameter, got a and b for seed',
    );
  });
});
