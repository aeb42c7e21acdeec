import { describe, expect, it } from 'vitest';
import golden from './cosine-schedule.golden.json' with { type: 'json' };
import { cosineSchedule } from './cosine-schedule.js';

describe('the cosine schedule', () => {
  it.each(golden.cases)("gives timm's learning rates: $options", ({ options, learningRates }) => {
    const schedule = cosineSchedule(options);
    learningRates.forEach((expected, step) =>
      expect(Math.abs(schedule(step) - expected)).toBeLessThanOrEqual(
        golden.tolerance * options.learningRate,
      ),
    );
  });

  it('rises to its peak, then falls to its minimum and stays there', () => {
    const schedule = cosineSchedule({
      learningRate: 1,
      minLearningRate: 0.1,
      warmupSteps: 4,
      totalSteps: 20,
    });
    const rates = Array.from({ length: 20 }, (_, step) => schedule(step));
    expect(rates.slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    for (let step = 5; step < 20; step++) expect(rates[step]).toBeLessThan(rates[step - 1] ?? 0);
    expect([schedule(20), schedule(1000)]).toEqual([0.1, 0.1]);
  });

  it('that is all warm-up never divides by zero', () => {
    const schedule = cosineSchedule({ learningRate: 1, minLearningRate: 0, warmupSteps: 3, totalSteps: 3 });
    expect([0, 1, 2, 3].map(schedule)).toEqual([0.25, 0.5, 0.75, 1]);
  });
});
