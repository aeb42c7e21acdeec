import { readFileSync } from 'node:fs';
import { parseSweepSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

describe('the example of a sweep', () => {
  it('is a valid sweep whose first rung is a third of a third of its training', () => {
    const path = new URL('./sweep.cifar10.yaml', import.meta.url);
    const { scheduler, resource, pipeline } = parseSweepSpec(parse(readFileSync(path, 'utf8')));
    expect(scheduler).toEqual({ kind: 'asha', eta: 3, minResource: 1 });
    const { train } = pipeline.stages;
    expect(train?.kind === 'train' && train.params.epochs).toBe(resource?.max);
  });
});
