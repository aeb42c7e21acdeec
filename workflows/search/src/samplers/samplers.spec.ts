import fc from 'fast-check';
import type { SamplerSpec, SweepSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { samplerOf, searchSpaceOf } from '../engine.js';
import { isAllowed, pointKey } from '../points.js';
import { searchSpec } from '../testing/spec.js';
import golden from './sobol.golden.json' with { type: 'json' };
import { gridSize } from './grid.js';
import { directionNumbers, scramble, sobolWord } from './sobol.js';

const space = {
  rate: { type: 'log-uniform', low: 1e-4, high: 1e-1, set: 'stages.a.params.rate' },
  momentum: {
    type: 'uniform',
    low: 0,
    high: 0.9,
    step: 0.1,
    set: 'stages.a.params.momentum',
    when: { parameter: 'optimizer', is: ['sgd'] },
  },
  optimizer: { type: 'choice', values: ['sgd', 'adam'], set: 'stages.a.params.optimizer' },
  width: { type: 'int', low: 16, high: 64, step: 16, set: 'stages.a.params.width' },
  depth: { type: 'int', low: 1, high: 1000, log: true, set: 'stages.a.params.depth' },
};
const constraints: SweepSpec['constraints'] = [{ product: ['width', 'depth'], atMost: 2000 }];
const nothing = { trials: [], direction: 'minimize' as const };

/** The first points of a sampler, each behind the one before. */
function points(spec: ReturnType<typeof searchSpec>, count: number) {
  const sampler = samplerOf(spec);
  const found = [];
  for (let from = 0; found.length < count;) {
    const next = sampler.suggest(from, nothing);
    if (!next) break;
    found.push(next);
    from = next.draw + 1;
  }
  return found;
}

describe('every sampler', () => {
  const kinds: SamplerSpec[] = [
    { kind: 'random' },
    { kind: 'sobol' },
    { kind: 'tpe', startup: 10, candidates: 24 },
  ];

  it.each(kinds)(
    'gives points within the space that hold its conditions and constraints: $kind',
    (sampler) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (seed) => {
          for (const { point } of points(searchSpec(space, { sampler, constraints, seed }), 20)) {
            expect(point['rate']).toBeGreaterThanOrEqual(1e-4);
            expect(point['rate']).toBeLessThanOrEqual(1e-1);
            expect([16, 32, 48, 64]).toContain(point['width']);
            expect(Number.isInteger(point['depth'])).toBe(true);
            expect(point['depth']).toBeGreaterThanOrEqual(1);
            expect(point['momentum'] !== undefined).toBe(point['optimizer'] === 'sgd');
            if (point['momentum'] !== undefined)
              expect([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]).toContain(point['momentum']);
            expect(isAllowed(constraints, point)).toBe(true);
          }
        }),
        { numRuns: 20 },
      );
    },
  );

  it.each(kinds)('gives the same points again, and others for another seed: $kind', (sampler) => {
    const of = (seed: number) => points(searchSpec(space, { sampler, seed }), 5);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('finds no point where the constraints leave none', () => {
    const none: SweepSpec['constraints'] = [{ sum: { width: 1 }, atMost: 15 }];
    for (const sampler of kinds)
      expect(points(searchSpec(space, { sampler, constraints: none }), 1)).toEqual([]);
  });
});

describe('the grid', () => {
  const axes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

  it('gives every combination exactly once, in the order of the index', () => {
    fc.assert(
      fc.property(axes, (sizes) => {
        const grid = Object.fromEntries(
          sizes.map((size, index) => [
            `p${index}`,
            { type: 'int', low: 1, high: size, set: `stages.a.params.p${index}` },
          ]),
        );
        const all = points(searchSpec(grid, { sampler: { kind: 'grid' } }), 1000);
        const total = sizes.reduce((product, size) => product * size, 1);
        expect(all.map(({ draw }) => draw)).toEqual(Array.from({ length: total }, (_, index) => index));
        expect(new Set(all.map(({ point }) => pointKey(point))).size).toBe(total);
      }),
    );
  });

  it('counts a parameter that does not exist in a point once', () => {
    const grid = {
      kind: { type: 'choice', values: ['a', 'b', 'c'], set: 'stages.a.params.kind' },
      only: {
        type: 'int',
        low: 1,
        high: 3,
        set: 'stages.a.params.only',
        when: { parameter: 'kind', is: ['a'] },
      },
      deeper: {
        type: 'choice',
        values: [true, false],
        set: 'stages.a.params.deeper',
        when: { parameter: 'only', is: [2] },
      },
    };
    const spec = searchSpec(grid, { sampler: { kind: 'grid' } });
    const all = points(spec, 1000).map(({ point }) => pointKey(point));
    // a with 1, 2 true, 2 false, 3; b; c.
    expect(all).toHaveLength(6);
    expect(new Set(all).size).toBe(6);
    expect(gridSize(searchSpaceOf(spec))).toBe(18);
  });

  it('counts quantised values without losing the last to rounding', () => {
    const grid = { x: { type: 'uniform', low: 0, high: 0.3, step: 0.1, set: 'stages.a.params.x' } };
    const all = points(searchSpec(grid, { sampler: { kind: 'grid' } }), 100);
    expect(all.map(({ point }) => point['x'])).toEqual([0, 0.1, 0.2, 0.3]);
  });
});

describe('the Sobol sequence', () => {
  it(`equals ${golden.source}`, () => {
    for (const [at, dimension] of golden.dimensions.entries()) {
      const directions = directionNumbers(dimension);
      golden.words.forEach((words, index) => {
        expect(sobolWord(directions, index) >>> 2).toBe(words[at]);
      });
    }
  });

  it('stays a net when it is scrambled: each of 2^k equal parts of an axis holds one of 2^k points', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 0, max: 6 }),
        (seed, dimension, power) => {
          const directions = directionNumbers(dimension);
          const parts = Array.from({ length: 2 ** power }, (_, index) =>
            Math.floor((scramble(sobolWord(directions, index), seed) / 2 ** 32) * 2 ** power),
          );
          expect(new Set(parts).size).toBe(2 ** power);
        },
      ),
    );
  });
});
