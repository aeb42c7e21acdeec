import { describe, expect, it } from 'vitest';
import { dealGpus } from './gpus.js';

const numerics = { threads: 2, precision: 'float32', execution: 'captured' } as const;
const cuda = (slots: number) => ({ ...numerics, slots, device: 'cuda' as const });
const cpu = { ...numerics, slots: 2, device: 'cpu' as const };
const never = (): number => {
  throw new Error('asked');
};

describe('the GPUs of a machine', () => {
  it('go to the pools that want some, each to one slot', () => {
    const dealt = dealGpus({ small: cuda(1), large: cuda(2), cpu }, {}, () => 3);
    expect([...dealt]).toEqual([
      ['large', ['0', '1']],
      ['small', ['2']],
    ]);
  });

  it('are those that CUDA_VISIBLE_DEVICES leaves, up to the first entry that is none', () => {
    const env = { CUDA_VISIBLE_DEVICES: 'GPU-a, 3,-1,4' };
    expect(dealGpus({ one: cuda(2) }, env, never).get('one')).toEqual(['GPU-a', '3']);
    expect(() => dealGpus({ one: cuda(1) }, { CUDA_VISIBLE_DEVICES: '' }, never)).toThrow('more GPUs');
  });

  it('are not asked for when no pool wants one', () => {
    expect(dealGpus({ cpu }, {}, never).size).toBe(0);
  });

  it('must be as many as the pools want', () => {
    expect(() => dealGpus({ one: cuda(2) }, {}, () => 1)).toThrow('The pools want more GPUs than there are.');
  });
});
