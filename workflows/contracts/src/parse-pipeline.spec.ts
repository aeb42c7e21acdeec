import { describe, expect, it } from 'vitest';
import { VitrineError, describeError } from './errors.js';
import { parsePipelineSpec } from './parse-pipeline.js';

const head = { version: 1, name: 'test' };

/** The lines of the refusal, one per wrong field. */
function refusal(document: unknown): string[] {
  try {
    parsePipelineSpec(document);
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error;
    expect(error.code).toBe('InvalidSpec');
    return (error.details.actual ?? '').split('\n');
  }
  throw new Error('the document was accepted');
}

describe('a number that JSON cannot write', () => {
  it.each([NaN, Infinity])('is shown as what it is: %s', (epochs) => {
    const [line] = refusal({ ...head, stages: { train: { kind: 'train', params: { epochs } } } });
    expect(line).toMatch(new RegExp(`^stages\\.train\\.params\\.epochs: .*, got ${epochs}$`));
  });
});

describe('the demands of a stage', () => {
  const problem = (when: object[], first: object = {}): string => {
    const stages = {
      first: { kind: 'noop', ...first },
      second: { kind: 'evaluate', when, inputs: { model: 'm.model' } },
      m: { kind: 'train' },
    };
    try {
      parsePipelineSpec({ version: 1, name: 'x', stages });
      return '';
    } catch (error) {
      return (error as { details: { actual: string } }).details.actual;
    }
  };

  it('name a stage and a field of its summary, with a comparison', () => {
    expect(problem([{ stage: 'first', field: 'steps', atLeast: 3 }])).toBe('');
    expect(problem([{ stage: 'm', field: 'testAccuracy', above: 0.4, below: 1 }])).toBe('');
    expect(problem([{ stage: 'nosuch', field: 'steps', atLeast: 3 }])).toBe(
      'stages.second.when.0.stage: expected one of the stages first, second, m, got nosuch',
    );
    expect(problem([{ stage: 'first', field: 'accuracy', atLeast: 3 }])).toBe(
      'stages.second.when.0.field: expected one of steps in the summary of kind noop, got accuracy',
    );
    expect(problem([{ stage: 'first', field: 'steps' }])).toContain(
      'stages.second.when.0: expected a comparison: one of equals,',
    );
  });

  it('look into lists by number', () => {
    const judged = { kind: 'evaluate', inputs: { model: 'm.model' } };
    expect(problem([{ stage: 'first', field: 'conditions.0.accuracy', atLeast: 0.4 }], judged)).toBe('');
    expect(problem([{ stage: 'first', field: 'conditions.clean', atLeast: 0.4 }], judged)).toBe(
      'stages.second.when.0.field: expected a number in the summary.conditions, got clean',
    );
  });

  it('make no cycle', () => {
    const back = { when: [{ stage: 'second', field: 'conditions.0.accuracy', atLeast: 0 }] };
    expect(problem([{ stage: 'first', field: 'steps', atLeast: 3 }], back)).toContain('expected no cycle');
  });
});

describe('a pipeline', () => {
  it('fills in defaults down to the parameters of a stage', () => {
    const spec = parsePipelineSpec({ ...head, stages: { train: { kind: 'train' } } });
    expect(spec.project).toBe('default');
    const stage = spec.stages.train;
    expect(stage?.kind === 'train' && stage.params.model.patchSize).toBe(8);
    expect(stage?.retry).toEqual({ infrastructure: 20, own: 1, elsewhereSeconds: 600 });
  });

  it('is refused for an unknown field, with the path of its parent', () => {
    expect(refusal({ ...head, stages: { train: { kind: 'train', params: { epoch: 3 } } } })).toEqual([
      'stages.train.params: unknown field epoch',
    ]);
  });

  it('is refused for a wrong type, with what was expected and what was found', () => {
    const [line] = refusal({ ...head, stages: { train: { kind: 'train', params: { epochs: '3' } } } });
    expect(line).toMatch(/^stages\.train\.params\.epochs: .*expected number.*"3"$/);
  });

  it('is refused for an unknown kind, with the kinds there are', () => {
    const [line] = refusal({ ...head, stages: { a: { kind: 'trian' } } });
    expect(line).toMatch(/^stages\.a\.kind: expected kind to be one of train, .*got "trian"$/);
  });

  it('is refused for a missing input', () => {
    const [line] = refusal({ ...head, stages: { judge: { kind: 'evaluate', inputs: {} } } });
    expect(line).toMatch(/^stages\.judge\.inputs\.model: /);
  });

  it('is refused for an unknown input', () => {
    const stages = {
      train: { kind: 'train' },
      judge: { kind: 'evaluate', inputs: { model: 'train.model', modle: 'train.model' } },
    };
    expect(refusal({ ...head, stages })).toEqual(['stages.judge.inputs: unknown field modle']);
  });

  it('is refused for a reference to a stage that is not there', () => {
    const stages = { judge: { kind: 'evaluate', inputs: { model: 'train.model' } } };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.judge.inputs.model: expected one of the stages judge, got train',
    ]);
  });

  it('is refused for a reference to an output that is not there', () => {
    const stages = {
      train: { kind: 'train' },
      judge: { kind: 'evaluate', inputs: { model: 'train.weights' } },
    };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.judge.inputs.model: expected one of the outputs model, history of stage train (train), got weights',
    ]);
  });

  it('is refused for an artifact of the wrong type', () => {
    const stages = {
      train: { kind: 'train' },
      judge: { kind: 'evaluate', inputs: { model: 'train.history' } },
    };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.judge.inputs.model: expected an artifact of type model, got history from train.history',
    ]);
  });

  it('is refused for devices that do not share a batch evenly, where a kind spreads its batches', () => {
    const one = (kind: string, devices: number, params: object): unknown => ({
      ...head,
      stages: { a: { kind, resources: { devices }, params } },
    });
    expect(refusal(one('train', 3, { batchSize: 64 }))).toEqual([
      'stages.a.resources.devices: expected a divisor of batchSize 64, got 3',
    ]);
    expect(refusal(one('train', 2, { batchSize: 48, microBatch: 16 }))).toEqual([
      'stages.a.resources.devices: expected shares of the batch that microBatch 16 divides, got 2 devices with 24 images each',
    ]);
    expect(parsePipelineSpec(one('train', 4, { batchSize: 64, microBatch: 32 })).name).toBe('test');
    expect(parsePipelineSpec(one('noop', 3, {})).name).toBe('test');
  });

  it('is refused for a cycle, which is printed', () => {
    const stages = {
      a: { kind: 'noop', inputs: { after: { x: 'b.done' } } },
      b: { kind: 'noop', inputs: { after: { x: 'c.done' } } },
      c: { kind: 'noop', inputs: { after: { x: 'a.done' } } },
    };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.a.inputs: expected no cycle, got a -> b -> c -> a',
    ]);
  });

  it('is refused for a stage that waits for itself', () => {
    const stages = { a: { kind: 'noop', inputs: { after: { x: 'a.done' } } } };
    expect(refusal({ ...head, stages })).toEqual(['stages.a.inputs: expected no cycle, got a -> a']);
  });

  it('is refused for names that break out of addresses and keys', () => {
    const [line] = refusal({ ...head, stages: { '../evil': { kind: 'noop' } } });
    expect(line).toMatch(/^stages\.\.\.\/evil: bad name: expected lower-case letters/);
  });

  it('is refused for a name of a property every object has', () => {
    const stages = { judge: { kind: 'evaluate', inputs: { model: 'constructor.model' } } };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.judge.inputs.model: expected one of the stages judge, got constructor',
    ]);
  });

  it('is refused for a patch size that does not divide the image', () => {
    const [line] = refusal({
      ...head,
      stages: { train: { kind: 'train', params: { model: { patchSize: 7 } } } },
    });
    expect(line).toBe('stages.train.params.model.patchSize: expected a divisor of imageSize 32, got 7');
  });

  it('is refused for a name that JavaScript takes for something else, instead of dropping the stage', () => {
    const stages: unknown = JSON.parse('{"__proto__": {"kind": "noop"}, "a": {"kind": "noop"}}');
    expect(refusal({ ...head, stages })).toEqual(['stages.__proto__: expected another name']);
  });

  it('is refused for a part that contains itself, as an alias in YAML can', () => {
    const stages: Record<string, unknown> = {};
    stages['a'] = { kind: 'noop', inputs: stages };
    expect(refusal({ ...head, stages })).toEqual([
      'stages.a.inputs: expected a value, got a reference to what it is part of',
    ]);
  });

  it('names each wrong field once', () => {
    try {
      parsePipelineSpec({ ...head, seed: 1.5e99, stages: { a: { kind: 'noop' } } });
      expect.unreachable();
    } catch (error) {
      expect((error as VitrineError).details.where).toBe('seed');
    }
  });

  it.each([null, 3, 'text', [], {}])(
    'is refused when the document is %j, in one readable error',
    (document) => {
      try {
        parsePipelineSpec(document, 'quick.yaml');
        expect.unreachable();
      } catch (error) {
        const text = describeError((error as VitrineError).toView());
        expect(text).toMatch(/^InvalidSpec: quick\.yaml is not a valid pipeline\.\n {2}where:/);
        expect(text).toContain('to do:');
      }
    },
  );

  it('refuses more stages than a history holds, and says what to do instead', () => {
    const names = Array.from({ length: 5001 }, (_, index) => [`s${index}`, { kind: 'noop' }]);
    const parse = () => parsePipelineSpec({ version: 1, name: 'x', stages: Object.fromEntries(names) });
    expect(parse).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          where: 'stages',
          actual: expect.stringContaining('expected at most 5000 stages, got 5001'),
        }),
      }),
    );
  });
});
