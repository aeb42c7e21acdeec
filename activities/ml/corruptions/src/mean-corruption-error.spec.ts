import { describe, expect, it } from 'vitest';
import { BENCHMARK_CORRUPTIONS } from './corrupt.js';
import { ALEXNET_ERRORS, summariseCorruptions, type CorruptionError } from './mean-corruption-error.js';

const errors = (of: (kind: (typeof BENCHMARK_CORRUPTIONS)[number]) => number): CorruptionError[] =>
  BENCHMARK_CORRUPTIONS.flatMap((kind) =>
    [1, 2, 3, 4, 5].map((severity) => ({ kind, severity, error: of(kind) })),
  );

describe('the mean corruption error', () => {
  it("is 100 of AlexNet's own errors, and 0 of none", () => {
    const own = errors((kind) => ALEXNET_ERRORS[kind] / 100);
    expect(summariseCorruptions(own, { classes: 1000 }).meanCorruptionError).toBeCloseTo(100, 10);
    expect(
      summariseCorruptions(
        errors(() => 0),
        { classes: 1000 },
      ).meanCorruptionError,
    ).toBe(0);
  });

  it("has a relative form, which is 100 of AlexNet's own errors and 0 where corruptions add none", () => {
    const own = errors((kind) => ALEXNET_ERRORS[kind] / 100);
    const relative = (of: CorruptionError[], cleanError: number): number | null =>
      summariseCorruptions(of, { classes: 1000, cleanError }).relativeCorruptionError;
    expect(relative(own, 0.435)).toBeCloseTo(100, 10);
    expect(
      relative(
        errors(() => 0.2),
        0.2,
      ),
    ).toBe(0);
    expect(summariseCorruptions(own, { classes: 1000 }).relativeCorruptionError).toBeNull();
  });

  it('is none for other classes, or where a corruption or a severity is missing', () => {
    const own = errors(() => 0.5);
    expect(summariseCorruptions(own, { classes: 10, cleanError: 0.1 })).toEqual({
      meanError: 0.5,
      benchmarkError: 0.5,
      meanCorruptionError: null,
      relativeCorruptionError: null,
    });
    expect(summariseCorruptions(own.slice(1), { classes: 1000 })).toMatchObject({
      benchmarkError: null,
      meanCorruptionError: null,
    });
  });

  it('weighs corruptions alike, however many severities each has', () => {
    const uneven: CorruptionError[] = [
      { kind: 'fog', severity: 1, error: 0.2 },
      { kind: 'snow', severity: 1, error: 0.4 },
      { kind: 'snow', severity: 2, error: 0.8 },
    ];
    expect(summariseCorruptions(uneven, { classes: 10 }).meanError).toBeCloseTo(0.4, 12);
    expect(() => summariseCorruptions([], { classes: 10 })).toThrow(RangeError);
  });
});
