import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { MOST_SWEEP_BYTES, refuseTooLong } from './refuse-too-long.js';

const pipeline = parsePipelineSpec({
  version: 1,
  name: 'small',
  stages: { train: { kind: 'train' }, wait: { kind: 'noop' } },
});

describe('a description', () => {
  it('is taken up to what travels, and of a sweep up to less: each of its histories is given more', () => {
    const request = { pipeline, text: 'x'.repeat(1_500_000) };
    expect(() => refuseTooLong(request, pipeline, { where: 'stages' })).not.toThrow();
    const bound = { where: 'pipeline.stages', most: MOST_SWEEP_BYTES };
    expect(() => refuseTooLong(request, pipeline, bound)).toThrow('The pipeline is too long.');
  });

  it('that is too long is refused by its longest stage', () => {
    const details = expect.objectContaining({ where: 'stages.train' });
    const request = { pipeline, text: 'x'.repeat(2_000_000) };
    expect(() => refuseTooLong(request, pipeline, { where: 'stages' })).toThrow(
      expect.objectContaining({ code: 'InvalidSpec', details }),
    );
  });
});
