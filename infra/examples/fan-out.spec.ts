import { readFileSync } from 'node:fs';
import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string): unknown =>
  parse(readFileSync(new URL(`./fan-out/${name}`, import.meta.url), 'utf8'));

/** As the command line includes it; there, folders are made absolute too. */
function example() {
  const sweep = read('sweep.yaml') as { stages: { model: object } };
  const model = read('model.yaml') as { stages: { file: { params: object } } };
  Object.assign(model.stages.file.params, { source: { folder: '/models' } });
  sweep.stages.model = { kind: 'pipeline', pipeline: model };
  return parsePipelineSpec(sweep, 'sweep.yaml');
}

describe('the example of stages that are many', () => {
  it('is a valid pipeline with a sub-pipeline, a fan-out over a list that is made, chunks, and a fan-in', () => {
    const { stages } = example();
    expect(Object.keys(stages)).toEqual([
      'model/file',
      'model/check',
      'model/bring',
      'strengths',
      'attacked',
      'judged',
      'report',
    ]);
    expect(stages['attacked']).toMatchObject({
      inputs: { model: 'model/bring.model' },
      forEach: { over: 'strengths.list' },
    });
    expect(stages['judged']?.params).toMatchObject({ chunkImages: 128, test: { limit: 932 } });
  });
});
