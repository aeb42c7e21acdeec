import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VitrineError, describeError } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, readPipeline, readSweep } from './pipeline-file.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-pipeline-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof VitrineError) return describeError(error.toView());
    throw error;
  }
  throw new Error('nothing was refused');
}

const RECIPE =
  'version: 1\nname: quick\nseed: 7\nstages:\n  train: { kind: train, params: { epochs: 30 } }\n';

describe('--set', () => {
  it.each([
    ['a=1', { a: 1 }],
    ['a.b.c=x', { a: { b: { c: 'x' } } }],
    ['keep.me=[1, two]', { keep: { me: [1, 'two'], too: 1 } }],
    ['list.1=9', { list: [1, 9], keep: { too: 1 } }],
    ['a=', { a: null }],
    ['a=x=y', { a: 'x=y' }],
  ])('of %s changes that field and nothing else', (assignment, expected) => {
    const document = { list: [1, 2], keep: { too: 1 } };
    const before = structuredClone(document);
    expect(assign(document, assignment)).toMatchObject(expected);
    expect(document).toEqual(before);
  });

  it('leaves the prototype of objects alone', () => {
    const changed = assign({}, 'constructor.prototype.polluted=1') as Record<string, unknown>;
    expect(Object.hasOwn(changed, 'constructor')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(refusal(() => assign({}, '__proto__.polluted=1'))).toContain('--set __proto__.polluted=1');
  });

  it.each(['', '=1', 'a', 'a..b=1', 'a b=1', 'list.5=1', 'keep.too.deep=1', 'a=[1'])(
    'of %j is refused with the form it should have',
    (assignment) => {
      const text = refusal(() => assign({ list: [1], keep: { too: 1 } }, assignment));
      expect(text).toMatch(/^InvalidSpec: /);
      expect(text).toContain(`--set ${assignment}`);
      expect(text).toContain('expected: ');
    },
  );
});

describe('a pipeline file', () => {
  it('is read from YAML and from JSON, and changed as asked', () => {
    const yaml = readPipeline(file('quick.yaml', RECIPE), { seed: 9, set: ['stages.train.params.epochs=3'] });
    const train = yaml.stages['train'];
    expect([yaml.seed, train?.kind === 'train' && train.params.epochs]).toEqual([9, 3]);
    const json = file(
      'quick.json',
      JSON.stringify({ version: 1, name: 'x', stages: { a: { kind: 'noop' } } }),
    );
    expect(readPipeline(json).name).toBe('x');
  });

  it('names the folders of its programs from where it lies itself', () => {
    const command = 'kind: command, params: { argv: [x], source: { folder: ../programs/mine } }';
    const spec = readPipeline(
      file('program.yaml', `version: 1\nname: x\nstages: { a: { ${command} }, b: { kind: noop } }`),
    );
    const stage = spec.stages['a'];
    expect(stage?.kind === 'command' && stage.params.source).toMatchObject({
      folder: join(folder, '../programs/mine'),
    });
  });

  it('is refused with its name and the path of the wrong field', () => {
    const path = file('wrong.yaml', RECIPE.replace('epochs: 30', 'epoch: 30'));
    expect(refusal(() => readPipeline(path)).split('\n')).toEqual([
      'InvalidSpec: wrong.yaml is not a valid pipeline.',
      '  where:    stages.train.params',
      '  actual:   stages.train.params: unknown field epoch',
      expect.stringContaining('to do:'),
    ]);
  });

  it('is refused with line and column where its YAML is broken', () => {
    const path = file('broken.yaml', 'version: 1\nname: [a');
    expect(refusal(() => readPipeline(path))).toContain(`${path}, line 2, column 9`);
  });

  it('that is not there is told apart from the word quick', () => {
    const text = refusal(() => readPipeline(join(folder, 'nowhere.yaml')));
    expect(text).toContain('ENOENT');
    expect(text).toContain('quick');
  });
});

describe('a sweep in a file', () => {
  const sweep = `version: 1
name: rates
space: { steps: { type: int, low: 1, high: 9, set: stages.a.params.steps } }
objective: { metric: a.steps, direction: minimize }
budget: { trials: 3 }
`;
  const pipeline = '{ version: 1, name: small, stages: { a: { kind: noop } } }';

  it('holds its pipeline, or names the file beside it, and takes changes', () => {
    file('small.yaml', pipeline);
    const inside = readSweep(file('inside.yaml', `${sweep}pipeline: ${pipeline}\n`), []);
    const beside = readSweep(file('beside.yaml', `${sweep}pipeline: small.yaml\n`), ['budget.trials=5']);
    expect(inside.pipeline.stages).toHaveProperty('a');
    expect(beside).toEqual({ ...inside, budget: { trials: 5 } });
  });

  it('is refused by its field, and by that of its pipeline', () => {
    const wrong = file('wrong.yaml', `${sweep}pipeline: ${pipeline.replace('noop', 'nosuch')}\n`);
    expect(refusal(() => readSweep(wrong, []))).toContain('pipeline.stages.a');
    expect(refusal(() => readSweep(file('none.yaml', sweep), []))).toContain('pipeline: ');
  });
});
