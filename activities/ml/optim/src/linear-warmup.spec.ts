import { describe, expect, it } from 'vitest';
import { linearWarmup } from './linear-warmup.js';

describe('the linear warm-up', () => {
  it('rises from nothing to its rate and stays there', () => {
    const rate = linearWarmup({ learningRate: 0.4, warmupSteps: 4 });
    expect([0, 1, 2, 3, 4, 5, 1000].map(rate)).toEqual([0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.4, 0.4]);
  });

  it('of no steps is constant', () => {
    expect(linearWarmup({ learningRate: 0.4, warmupSteps: 0 })(0)).toBe(0.4);
  });
});
