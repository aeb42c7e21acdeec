import { describe, expect, it } from 'vitest';
import { parsePipelineSpec } from './parse-pipeline.js';

/** Trains, and judges what came out. */
const study = {
  parameters: { epochs: { type: 'integer', default: 3 }, label: { default: 'x' } },
  inputs: { start: { type: 'model', required: false } },
  outputs: { model: 'train.model', evaluation: 'judge.evaluation' },
  stages: {
    train: { kind: 'train', inputs: { init: 'inputs.start' }, params: { epochs: '${parameters.epochs}' } },
    judge: {
      kind: 'evaluate',
      inputs: { model: 'train.model' },
      when: [{ stage: 'train', field: 'testAccuracy', atLeast: 0.1 }],
    },
    page: { kind: 'report', params: { title: 'Study ${parameters.label} of ${parameters.epochs}' } },
  },
};

const parse = (stages: object, more: object = {}) =>
  parsePipelineSpec({ version: 1, name: 'x', ...more, stages });
const problemOf = (stages: object, more: object = {}): unknown => {
  try {
    return parse(stages, more);
  } catch (error) {
    return error;
  }
};

describe('a stage that is a pipeline', () => {
  it('brings its stages along, named after both, with references and demands that still hold', () => {
    const spec = parse({
      one: { kind: 'pipeline', pipeline: study, parameters: { epochs: 5 } },
      two: { kind: 'pipeline', pipeline: study, inputs: { start: 'one.model' } },
      report: { kind: 'report', inputs: { evaluations: { one: 'one.evaluation', two: 'two.evaluation' } } },
    });
    expect(Object.keys(spec.stages)).toEqual([
      'one/train',
      'one/judge',
      'one/page',
      'two/train',
      'two/judge',
      'two/page',
      'report',
    ]);
    expect(spec.stages['one/train']).toMatchObject({ inputs: {}, params: { epochs: 5 } });
    expect(spec.stages['two/train']).toMatchObject({
      inputs: { init: 'one/train.model' },
      params: { epochs: 3 },
    });
    expect(spec.stages['two/judge']).toMatchObject({
      inputs: { model: 'two/train.model' },
      when: [{ stage: 'two/train' }],
    });
    expect(spec.stages['one/page']?.params).toMatchObject({ title: 'Study x of 5' });
    expect(spec.stages['report']?.inputs).toEqual({
      evaluations: { one: 'one/judge.evaluation', two: 'two/judge.evaluation' },
    });
    // What has been expanded stays as it is: it is stored, repeated and sent again.
    expect(parsePipelineSpec(spec)).toEqual(spec);
  });

  it('may hold others, whose outputs and inputs are handed through', () => {
    const outer = {
      inputs: { from: { type: 'model' } },
      outputs: { best: 'inner.model' },
      stages: { inner: { kind: 'pipeline', pipeline: study, inputs: { start: 'inputs.from' } } },
    };
    const spec = parse({
      seed: { kind: 'train' },
      deep: { kind: 'pipeline', pipeline: outer, inputs: { from: 'seed.model' } },
      judge: { kind: 'evaluate', inputs: { model: 'deep.best' } },
    });
    expect(spec.stages['deep/inner/train']?.inputs).toEqual({ init: 'seed.model' });
    expect(spec.stages['judge']?.inputs).toEqual({ model: 'deep/inner/train.model' });
  });

  it('may be the whole pipeline, whose parameters have defaults too', () => {
    const stages = { train: { kind: 'train', params: { epochs: '${parameters.epochs}' } } };
    const spec = parse(stages, { parameters: { epochs: { default: 2 } } });
    expect(spec.stages['train']?.params).toMatchObject({ epochs: 2 });
  });

  it.each([
    [
      'an input of another type',
      { start: 'report.report' },
      {},
      'stages.one/train.inputs.init',
      'type model, got report',
    ],
    [
      'an input that it has not',
      { begin: 'report.report' },
      {},
      'stages.one.inputs.begin',
      'one of the inputs start',
    ],
    [
      'a parameter that it has not',
      {},
      { steps: 1 },
      'stages.one.parameters.steps',
      'parameters epochs, label',
    ],
    ['a value of another type', {}, { epochs: 1.5 }, 'stages.one.parameters.epochs', 'type integer, got 1.5'],
    ['a value that its stage refuses', {}, { epochs: 0 }, 'stages.one/train.params.epochs', '>=1'],
    ['stages that are nowhere', { start: 'two.model' }, {}, 'stages.one/train.inputs.init', 'got two'],
  ])('is refused by its field for %s', (_, inputs, parameters, where, actual) => {
    const stages = {
      report: { kind: 'report' },
      one: { kind: 'pipeline', pipeline: study, inputs, parameters },
    };
    expect(problemOf(stages)).toMatchObject({
      code: 'InvalidSpec',
      details: { where, actual: expect.stringContaining(actual) },
    });
  });

  it('is refused for outputs that lead in a circle, for unknown outputs and parameters, and for too deep a nesting', () => {
    const echo = {
      inputs: { a: { type: 'model' } },
      outputs: { b: 'inputs.a' },
      stages: { n: { kind: 'noop' } },
    };
    const circle = {
      one: { kind: 'pipeline', pipeline: echo, inputs: { a: 'two.b' } },
      two: { kind: 'pipeline', pipeline: echo, inputs: { a: 'one.b' } },
      judge: { kind: 'evaluate', inputs: { model: 'one.b' } },
    };
    expect(problemOf(circle)).toMatchObject({
      details: { actual: expect.stringContaining('expected no cycle') },
    });
    expect(
      problemOf({
        one: { kind: 'pipeline', pipeline: study },
        judge: { kind: 'evaluate', inputs: { model: 'one.weights' } },
      }),
    ).toMatchObject({ details: { where: 'stages.judge.inputs.model' } });
    const lost = { train: { kind: 'train', params: { epochs: '${parameters.lost}' } } };
    expect(problemOf(lost, { parameters: {} })).toMatchObject({
      details: { where: 'stages.train.params.epochs' },
    });
    let deep: object = { stages: { n: { kind: 'noop' } } };
    for (let i = 0; i < 10; i++) deep = { stages: { d: { kind: 'pipeline', pipeline: deep } } };
    expect(problemOf({ d: { kind: 'pipeline', pipeline: deep } })).toMatchObject({
      details: { actual: expect.stringContaining('at most 8 deep') },
    });
  });

  it('is refused for an input that is not what it declares, however its stages use it', () => {
    const wrong = { ...study, inputs: { start: { type: 'document' } } };
    const one = { kind: 'pipeline', pipeline: wrong, inputs: { start: 'seed.model' } };
    expect(problemOf({ seed: { kind: 'train' }, one })).toMatchObject({
      details: {
        where: 'stages.one.inputs.start',
        actual: expect.stringContaining('type document, got model'),
      },
    });
  });

  it('is a circle when stages of two pipelines need each other', () => {
    const one = {
      inputs: { m: { type: 'model' } },
      outputs: { model: 't.model' },
      stages: { t: { kind: 'train', inputs: { init: 'inputs.m' } } },
    };
    const problem = problemOf({
      a: { kind: 'pipeline', pipeline: one, inputs: { m: 'b.model' } },
      b: { kind: 'pipeline', pipeline: one, inputs: { m: 'a.model' } },
    });
    expect(problem).toMatchObject({
      details: { actual: expect.stringContaining('expected no cycle, got a/t -> b/t -> a/t') },
    });
  });
});

describe('a pipeline that is made many', () => {
  const body = {
    parameters: { epochs: { type: 'integer', default: 3 }, label: { default: 'x' } },
    inputs: { start: { type: 'model' } },
    outputs: { evaluation: 'judge.evaluation' },
    stages: {
      train: { kind: 'train', inputs: { init: 'inputs.start' }, params: { epochs: '${parameters.epochs}' } },
      judge: { kind: 'evaluate', inputs: { model: 'train.model' } },
      page: { kind: 'report', inputs: { evaluations: { mine: 'judge.evaluation' } } },
    },
  };
  const many = (forEach: object, pipeline: object = body) => ({
    seed: { kind: 'train' },
    list: { kind: 'noop' },
    many: { kind: 'pipeline', pipeline, inputs: { start: 'seed.model' }, forEach },
  });

  it('makes each of its stages many, with the parameters that the item gives', () => {
    const forEach = { items: [2, 4], params: { epochs: 'item' }, maxParallel: 7, minSuccessRatio: 0.5 };
    const spec = parse({
      ...many(forEach),
      report: { kind: 'report', inputs: { evaluations: { all: 'many.evaluation' } } },
    });
    const shared = { items: [2, 4], maxParallel: 7, minSuccessRatio: 0.5, byElement: true };
    expect(spec.stages['many/train']).toMatchObject({
      inputs: { init: 'seed.model' },
      params: { epochs: 2 },
      forEach: { ...shared, params: { epochs: 'item' } },
    });
    expect(spec.stages['many/judge']).toMatchObject({
      inputs: { model: 'many/train.model' },
      forEach: { ...shared, params: {} },
    });
    expect(spec.stages['report']?.inputs).toEqual({ evaluations: { all: 'many/judge.evaluation' } });
    expect(parsePipelineSpec(spec)).toEqual(spec);
  });

  it('hands fields of its items down into pipelines within, over a list that is not known yet', () => {
    const outer = {
      parameters: { many: { default: 1 } },
      inputs: { start: { type: 'model' } },
      stages: {
        inner: {
          kind: 'pipeline',
          pipeline: body,
          inputs: { start: 'inputs.start' },
          parameters: { epochs: '${parameters.many}' },
        },
      },
    };
    const spec = parse(many({ over: 'list.done', params: { many: 'item.epochs' } }, outer));
    expect(spec.stages['many/inner/train']).toMatchObject({
      params: { epochs: 1 },
      forEach: { over: 'list.done', params: { epochs: 'item.epochs' } },
    });
  });

  it.each([
    ['no list', {}, 'stages.many.forEach', 'either over or items'],
    ['two lists', { items: [1], over: 'list.done' }, 'stages.many.forEach', 'got both'],
    [
      'a parameter that it has not',
      { items: [1], params: { lost: 'item' } },
      'stages.many.forEach.params.lost',
      'parameters epochs, label',
    ],
    [
      'an item of another type',
      { items: [1, 'x'], params: { epochs: 'item' } },
      'stages.many.forEach.items.1',
      'type integer, got "x"',
    ],
    [
      'an item that a stage refuses',
      { items: [1, 0], params: { epochs: 'item' } },
      'stages.many/train.forEach.items.1',
      'epochs',
    ],
    ['a list of another type', { over: 'seed.model' }, 'stages.many/train.forEach.over', 'document or list'],
    ['a width of its own', { items: [1], maxParallel: 0 }, 'stages.many.forEach.maxParallel', '>=1'],
  ])('is refused by its field for %s', (_, forEach, where, actual) => {
    expect(problemOf(many(forEach))).toMatchObject({
      code: 'InvalidSpec',
      details: { where: expect.stringContaining(where), actual: expect.stringContaining(actual) },
    });
  });

  const withStage = (stage: object) => ({ ...body, stages: { ...body.stages, odd: stage } });
  it.each([
    [
      'a stage that is many by itself',
      { kind: 'noop', forEach: { items: [1] } },
      'stages.many.pipeline.stages.odd.forEach',
      'expected none',
    ],
    [
      'an item where all elements have the same',
      { kind: 'noop', resources: { devices: '${parameters.epochs}' } },
      'stages.many.pipeline.stages.odd.resources.devices',
      'the same for all elements, got item',
    ],
    [
      'an item within a text',
      { kind: 'report', params: { title: 'After ${parameters.epochs}' } },
      'stages.many.pipeline.stages.odd.params.title',
      'alone',
    ],
    [
      'another pipeline that is many',
      { kind: 'pipeline', pipeline: { stages: { n: { kind: 'noop' } } }, forEach: { items: [1] } },
      'stages.many.pipeline.stages.odd.forEach',
      'expected none within',
    ],
  ])('is refused by its field for %s within', (_, stage, where, actual) => {
    const forEach = { items: [2, 4], params: { epochs: 'item' } };
    expect(problemOf(many(forEach, withStage(stage)))).toMatchObject({
      details: { where, actual: expect.stringContaining(actual) },
    });
  });

  it('gives lists, which go where lists are taken and nowhere else', () => {
    const forEach = { items: [2, 4], params: { epochs: 'item' } };
    const outputs = { ...body, outputs: { model: 'train.model' } };
    const judge = { kind: 'evaluate', inputs: { model: 'many.model' } };
    expect(problemOf({ ...many(forEach, outputs), judge })).toMatchObject({
      details: {
        where: 'stages.judge.inputs.model',
        actual: expect.stringContaining('got list of model from many/train.model'),
      },
    });
    const each = { ...judge, forEach: {} };
    expect(parse({ ...many(forEach, outputs), judge: each }).stages['judge']?.forEach).toBeDefined();
    const again = { kind: 'pipeline', pipeline: body, inputs: { start: 'many.model' }, forEach };
    expect(parse({ ...many(forEach, outputs), again }).stages['again/train']?.inputs).toEqual({
      init: 'many/train.model',
    });
  });
});
