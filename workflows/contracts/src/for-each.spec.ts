import { describe, expect, it } from 'vitest';
import { parsePipelineSpec } from './parse-pipeline.js';

const stagesOf = (many: object, next?: object) => ({
  list: { kind: 'noop' },
  train: { kind: 'train' },
  models: { kind: 'train', forEach: { items: [1, 2], params: { epochs: 'item' } } },
  many,
  ...(next && { next }),
});
const parse = (many: object, next?: object) =>
  parsePipelineSpec({ version: 1, name: 'x', stages: stagesOf(many, next) });

function problem(many: object, next?: object): unknown {
  try {
    return parse(many, next);
  } catch (error) {
    return error;
  }
}

const judge = { kind: 'evaluate', inputs: { model: 'train.model' } };

describe('a stage with forEach', () => {
  it('takes its list from an output, from the pipeline, or from an input that is a list', () => {
    const over = { ...judge, forEach: { over: 'list.done', params: { 'conditions.0.epsilon': 'item.e' } } };
    expect(parse(over).stages['many']?.forEach).toMatchObject({ maxParallel: 100, minSuccessRatio: 1 });
    const zipped = { kind: 'evaluate', inputs: { model: 'models.model' }, forEach: {} };
    const report = { kind: 'report', inputs: { evaluations: { all: 'many.evaluation' } } };
    expect(Object.keys(parse(zipped, report).stages)).toContain('next');
  });

  it('has a summary of its own, which others make demands on', () => {
    const when = (field: string) => ({ kind: 'noop', when: [{ stage: 'models', field, atLeast: 1 }] });
    expect(() => parse(when('succeeded'))).not.toThrow();
    expect(problem(when('testAccuracy'))).toMatchObject({ details: { where: 'stages.many.when.0.field' } });
  });

  it.each([
    ['no list', { ...judge, forEach: {} }, 'stages.many.forEach', 'got none of them'],
    [
      'two lists',
      { ...judge, forEach: { over: 'list.done', items: [1] } },
      'stages.many.forEach.items',
      'got both',
    ],
    [
      'a list that is a model',
      { ...judge, forEach: { over: 'train.model' } },
      'stages.many.forEach.over',
      'document or list',
    ],
    [
      'a list of nowhere',
      { ...judge, forEach: { over: 'lost.done' } },
      'stages.many.forEach.over',
      'got lost',
    ],
    [
      'a list where one artifact is taken',
      { kind: 'evaluate', inputs: { model: 'models.model' } },
      'stages.many.inputs.model',
      'type model, got list of model',
    ],
    [
      'an item that is no such parameter',
      { ...judge, forEach: { items: [8, 0], params: { batchSize: 'item' } } },
      'stages.many.forEach.items.1',
      'batchSize',
    ],
    [
      'more items than travel',
      { ...judge, forEach: { items: Array(1001).fill(8), params: { batchSize: 'item' } } },
      'stages.many.forEach.items',
      'at most 1000',
    ],
    [
      'an item that is a book',
      { ...judge, forEach: { items: ['x'.repeat(5000)] } },
      'stages.many.forEach.items.0',
      'at most 4096',
    ],
    ['itself', { kind: 'noop', forEach: { over: 'many.done' } }, 'stages.many.inputs', 'no cycle'],
  ])('is refused by its field for %s', (_, many, where, actual) => {
    expect(problem(many)).toMatchObject({
      code: 'InvalidSpec',
      details: { where: expect.stringContaining(where), actual: expect.stringContaining(actual) },
    });
  });
});
