import { describe, expect, it } from 'vitest';
import { includePipelines } from './include-pipelines.js';

const program = { kind: 'command', params: { argv: ['x'], source: { folder: 'program' } } };
const files: Readonly<Record<string, unknown>> = {
  '/a/main.yaml': { stages: { one: { kind: 'pipeline', use: 'parts/inner.yaml', parameters: { n: 1 } } } },
  '/a/parts/inner.yaml': { stages: { mine: program, again: { kind: 'pipeline', use: '../other.yaml' } } },
  '/a/other.yaml': { stages: { mine: program } },
  '/b/one.yaml': { stages: { next: { kind: 'pipeline', use: 'two.yaml' } } },
  '/b/two.yaml': { stages: { back: { kind: 'pipeline', use: 'one.yaml' } } },
};
const read = (path: string): unknown => files[path];
const include = (path: string): unknown => includePipelines(read(path), read, [path]);

describe('pipelines that use others', () => {
  it('hold them, with folders named as they lie beside the file that names them', () => {
    const mine = (folder: string) => ({ ...program, params: { ...program.params, source: { folder } } });
    const other = { stages: { mine: mine('/a/program') } };
    const inner = {
      stages: { mine: mine('/a/parts/program'), again: { kind: 'pipeline', pipeline: other } },
    };
    expect(include('/a/main.yaml')).toEqual({
      stages: { one: { kind: 'pipeline', parameters: { n: 1 }, pipeline: inner } },
    });
  });

  it('are refused when they lead in a circle, naming the files', () => {
    expect(() => include('/b/one.yaml')).toThrow(
      expect.objectContaining({
        details: {
          where: 'stages.back.use',
          expected: 'a pipeline that does not lead back here',
          actual: '/b/one.yaml -> /b/two.yaml -> /b/one.yaml',
        },
      }),
    );
  });
});
