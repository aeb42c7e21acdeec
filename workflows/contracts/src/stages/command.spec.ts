import { describe, expect, it } from 'vitest';
import { VitrineError } from '../errors.js';
import { parsePipelineSpec } from '../parse-pipeline.js';

const argv = ['python3', 'train.py'];

function refusal(stages: Record<string, unknown>): string[] {
  try {
    parsePipelineSpec({ version: 1, name: 'test', stages });
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error;
    return (error.details.actual ?? '').split('\n');
  }
  throw new Error('the document was accepted');
}

describe('a command in a pipeline', () => {
  it('takes and gives what it declares, checked against the stages around it', () => {
    const spec = parsePipelineSpec({
      version: 1,
      name: 'test',
      stages: {
        train: { kind: 'train' },
        mine: {
          kind: 'command',
          inputs: { base: 'train.model' },
          params: {
            argv,
            inputs: { base: { type: 'model' }, extra: { type: 'file', required: false } },
            outputs: { model: { path: 'out/model.safetensors', type: 'model' } },
          },
        },
        judge: { kind: 'evaluate', inputs: { model: 'mine.model' } },
      },
    });
    expect(spec.stages.mine?.kind).toBe('command');
  });

  it('is refused for an input of another type than it declares', () => {
    const mine = {
      kind: 'command',
      inputs: { base: 'train.history' },
      params: { argv, inputs: { base: { type: 'model' } } },
    };
    expect(refusal({ train: { kind: 'train' }, mine })).toEqual([
      'stages.mine.inputs.base: expected an artifact of type model, got history from train.history',
    ]);
  });

  it('is refused for inputs that it does not declare, or declares and lacks', () => {
    const mine = {
      kind: 'command',
      inputs: { basis: 'train.model' },
      params: { argv, inputs: { base: { type: 'model' } } },
    };
    expect(refusal({ train: { kind: 'train' }, mine })).toEqual([
      'stages.mine.inputs.basis: expected one of the declared inputs base, got basis',
      'stages.mine.inputs.base: expected a reference to an artifact of type model, got nothing',
    ]);
  });

  it('is refused when others use what it does not give, or gives as something else', () => {
    const mine = {
      kind: 'command',
      params: { argv, outputs: { weights: { path: 'w.safetensors', type: 'weights' } } },
    };
    expect(refusal({ mine, judge: { kind: 'evaluate', inputs: { model: 'mine.model' } } })).toEqual([
      'stages.judge.inputs.model: expected one of the outputs weights of stage mine (command), got model',
    ]);
    expect(refusal({ mine, judge: { kind: 'evaluate', inputs: { model: 'mine.weights' } } })).toEqual([
      'stages.judge.inputs.model: expected an artifact of type model, got weights from mine.weights',
    ]);
  });

  it.each([
    [{ outputs: { a: { path: '../a', type: 'file' } } }, /^stages\.mine\.params\.outputs\.a\.path: /],
    [{ outputs: { a: { path: '/etc/a', type: 'file' } } }, /^stages\.mine\.params\.outputs\.a\.path: /],
    [{ outputs: { a: { path: 'x/./a', type: 'file' } } }, /^stages\.mine\.params\.outputs\.a\.path: /],
    [
      { outputs: { a: { path: 'x', type: 'folder' }, b: { path: 'x/y', type: 'file' } } },
      /outputs\.b\.path: expected a place outside output a/,
    ],
    [
      { outputs: { a: { path: 'a', type: 'model', mediaType: 'text/csv' } } },
      /mediaType: expected none for the type model/,
    ],
    [{ argv: [] }, /^stages\.mine\.params\.argv: /],
    [
      { argv: ['cp', '{inputs.wieghts}', 'x'] },
      /argv\.1: expected a declared input or output, got \{inputs\.wieghts\}/,
    ],
    [{ python: '/venv', image: 'python:3.12' }, /python: expected either python or image/],
    [{ environment: { VITRINE_STAGE: 'x' } }, /bad name: .*VITRINE_/],
    [{ environment: { KEY: { secretRef: { value: 'in the open' } } } }, /environment\.KEY/],
    [{ source: { folder: 'relative' } }, /^stages\.mine\.params\.source/],
  ])('is refused for %j', (params, line) => {
    expect(refusal({ mine: { kind: 'command', params: { argv, ...params } } }).join('\n')).toMatch(line);
  });

  it('is refused for a failure rule that is none', () => {
    const failures = [{ logPattern: '(', then: 'stop', because: 'x' }];
    expect(refusal({ mine: { kind: 'command', failures, params: { argv } } }).join('\n')).toMatch(
      /^stages\.mine\.failures.*expected a regular expression/,
    );
  });
});
