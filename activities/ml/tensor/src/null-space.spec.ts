import { describe, expect, it } from 'vitest';
import golden from './null-space.golden.json' with { type: 'json' };
import fc from 'fast-check';
import {
  nullSpace,
  nullSpaceBasis,
  projectOnNullSpace,
  type NullSpace,
  type RealMatrix,
} from './null-space.js';
import { normal, PURPOSE } from './random.js';

function gaussian(rows: number, columns: number, index = 0): RealMatrix {
  const key = { seed: 3, purpose: PURPOSE.gaussian, step: rows * 10_000 + columns, index };
  return { rows, columns, data: Float64Array.from(normal(key, rows * columns)) };
}

function multiply(a: RealMatrix, b: RealMatrix): RealMatrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.columns; k++) {
      const value = a.data[i * a.columns + k] ?? NaN;
      for (let j = 0; j < b.columns; j++) {
        const at = i * b.columns + j;
        data[at] = (data[at] ?? NaN) + value * (b.data[k * b.columns + j] ?? NaN);
      }
    }
  return { rows: a.rows, columns: b.columns, data };
}

function transpose({ rows, columns, data }: RealMatrix): RealMatrix {
  const flipped = data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
  return { rows: columns, columns: rows, data: flipped };
}

const basisOf = (w: RealMatrix, space: NullSpace): RealMatrix => {
  const vectors = nullSpaceBasis(space);
  const [rows, columns] = [w.columns, vectors.length];
  const data = Float64Array.from(
    { length: rows * columns },
    (_, at) => vectors[at % columns]?.[Math.floor(at / columns)] ?? NaN,
  );
  return { rows, columns, data };
};

const largest = (data: Float64Array): number =>
  data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

const minusIdentity = ({ columns, data }: RealMatrix): Float64Array =>
  data.map((value, at) => value - (at % columns === Math.floor(at / columns) ? 1 : 0));

describe('the null space of a matrix', () => {
  it.each([
    // Patch embeddings of ViTs as [D, C r²] and the nullity of a full-rank one, at an eighth of their size.
    [24, 96, 72],
    [48, 96, 48],
    [48, 384, 336],
    [96, 96, 0],
    [96, 24, 0],
    [64, 192, 128],
    [96, 192, 96],
  ])('of a Gaussian %i × %i matrix has dimension %i', (rows, columns, nullity) => {
    const result = nullSpace(gaussian(rows, columns));
    expect(result.nullity).toBe(nullity);
    expect(result.rank).toBe(columns - nullity);
    expect(nullSpaceBasis(result)).toHaveLength(nullity);
    expect(result.singularValues).toHaveLength(Math.min(rows, columns));
  });

  it.each([
    [96, 192, 1],
    // Each seventeenth column against all: enough for a defect of the method to show, a seventeenth of the time.
    [192, 768, 17],
  ])('of a %i × %i matrix is spanned by orthonormal columns that it maps to 0', (rows, columns, stride) => {
    const w = gaussian(rows, columns);
    const result = nullSpace(w);
    const basis = basisOf(w, result);
    const picked = Array.from({ length: Math.ceil(result.nullity / stride) }, (_, k) => k * stride);
    const some = {
      rows: columns,
      columns: picked.length,
      data: Float64Array.from(
        { length: columns * picked.length },
        (_, at) =>
          basis.data.at(Math.floor(at / picked.length) * result.nullity + picked[at % picked.length]) ?? NaN,
      ),
    };
    expect(largest(multiply(w, some).data)).toBeLessThanOrEqual(1e-12 * result.singularValues[0]);
    const products = multiply(transpose(basis), some).data.map(
      (value, at) => value - (picked[at % picked.length] === Math.floor(at / picked.length) ? 1 : 0),
    );
    expect(products).toHaveLength(result.nullity * picked.length);
    expect(largest(products)).toBeLessThanOrEqual(1e-12);
  });

  it('gives a projector: symmetric, idempotent, of trace nullity, annihilated by the matrix', () => {
    const w = gaussian(7, 12);
    const result = nullSpace(w);
    const basis = basisOf(w, result);
    const projector = multiply(basis, transpose(basis));
    const squared = multiply(projector, projector);
    const trace = projector.data.reduce((sum, value, at) => sum + (at % 13 === 0 ? value : 0), 0);
    expect(largest(squared.data.map((value, at) => value - (projector.data[at] ?? NaN)))).toBeLessThan(1e-13);
    expect(
      largest(transpose(projector).data.map((value, at) => value - (projector.data[at] ?? NaN))),
    ).toBeLessThan(1e-15);
    expect(trace).toBeCloseTo(5, 12);
    expect(largest(multiply(w, projector).data)).toBeLessThan(1e-13 * (result.singularValues[0] ?? NaN));
  });

  it('of one row over three channels is the plane perpendicular to it', () => {
    const w = { rows: 1, columns: 3, data: new Float64Array([2, -3, 5]) };
    const space = nullSpace(w);
    const { rank, nullity, singularValues } = space;
    const basis = basisOf(w, space).data;
    expect([rank, nullity]).toEqual([1, 2]);
    expect(singularValues[0]).toBeCloseTo(Math.sqrt(38), 13);
    // (β₂, −β₁, 0) lies in the span: its projection is itself.
    const v = [-3, -2, 0];
    const coefficients = [0, 1].map((k) =>
      v.reduce((sum, value, i) => sum + value * (basis[i * 2 + k] ?? NaN), 0),
    );
    const projected = v.map((_, i) =>
      coefficients.reduce((sum, c, k) => sum + c * (basis[i * 2 + k] ?? NaN), 0),
    );
    projected.forEach((value, i) => expect(value).toBeCloseTo(v[i] ?? NaN, 13));
  });

  it.each(golden.cases)('agrees with SciPy: $name', ({ rows, columns, data, ...expected }) => {
    const w = { rows, columns, data: Float64Array.from(data) };
    const result = nullSpace(w);
    const basis = basisOf(w, result);
    const projector = multiply(basis, transpose(basis)).data;
    expect(result.rank).toBe(expected.rank);
    const difference = (actual: Float64Array, wanted: number[]): number => {
      expect(actual).toHaveLength(wanted.length);
      return largest(actual.map((value, at) => value - (wanted[at] ?? NaN)));
    };
    const scale = result.singularValues[0] ?? NaN;
    expect(difference(projector, expected.projector)).toBeLessThanOrEqual(golden.tolerance);
    expect(difference(result.singularValues, expected.singularValues)).toBeLessThanOrEqual(
      golden.tolerance * scale,
    );
  });

  it('counts a direction that float32 weights cannot tell from 0', () => {
    const w = gaussian(3, 5);
    const [first, second] = [w.data.subarray(0, 5), w.data.subarray(5, 10)];
    const dependent = Float64Array.from(first, (value, i) => value + 2 * (second[i] ?? NaN));
    w.data.set(dependent.map(Math.fround), 10);
    const result = nullSpace(w);
    expect(result.rank).toBe(2);
    expect(result.tolerance).toBe((result.singularValues[0] ?? NaN) * 2 ** -23 * 5);
  });

  it('of the zero matrix is everything', () => {
    const zero = { rows: 2, columns: 3, data: new Float64Array(6) };
    const space = nullSpace(zero);
    expect([space.rank, space.nullity]).toEqual([0, 3]);
    expect(largest(minusIdentity(basisOf(zero, space)))).toBe(0);
  });

  it('refuses data that do not fit or are not finite', () => {
    const data = new Float64Array(6);
    expect(() => nullSpace({ rows: 2, columns: 4, data })).toThrow(
      'expected 2 × 4 numbers, at least one, got 6',
    );
    data[4] = NaN;
    expect(() => nullSpace({ rows: 2, columns: 3, data })).toThrow(
      'row 1, column 1: expected a finite number, got NaN',
    );
  });
});

describe('the rule of the rank', () => {
  it('as SciPy has it takes a direction of 5e-5 of the largest for one of the null space, the strict one does not', () => {
    // Orthogonal rows of lengths 1 and 5e-5 in 1,024 dimensions, for which SciPy's tolerance is 1.2e-4.
    const w = { rows: 2, columns: 1024, data: new Float64Array(2048) };
    w.data[0] = 1;
    w.data[1025] = 5e-5;
    const [scipy, strict] = [nullSpace(w), nullSpace(w, 'strict')];
    expect([scipy.rank, strict.rank]).toEqual([1, 2]);
    const kept = (space: NullSpace): number => {
      const v = projectOnNullSpace(space, new Float64Array(1024).fill(0).fill(1, 1, 2));
      return Math.abs((v[1] ?? NaN) * 5e-5);
    };
    expect(kept(scipy)).toBe(5e-5);
    expect(kept(strict)).toBe(0);
  });
});

describe('the projection on a null space', () => {
  it('of any matrix gives vectors that it maps to 0, leaves them as they are, and shortens no others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 14 }),
        fc.nat(1000),
        (rows, columns, index) => {
          const w = gaussian(rows, columns, index);
          const space = nullSpace(w);
          expect(space.nullity).toBe(columns - space.rank);
          const v = Float64Array.from(normal({ seed: 5, purpose: PURPOSE.gaussian, index }, columns));
          const inside = projectOnNullSpace(space, v.slice());
          const image = multiply(w, { rows: columns, columns: 1, data: inside }).data;
          expect(largest(image)).toBeLessThan(1e-12 * (1 + (space.singularValues[0] ?? 0)) * columns);
          const again = projectOnNullSpace(space, inside.slice());
          expect(largest(again.map((value, i) => value - (inside[i] ?? NaN)))).toBeLessThan(1e-13);
          expect(Math.hypot(...inside)).toBeLessThanOrEqual(Math.hypot(...v) * (1 + 1e-12));
        },
      ),
      { numRuns: 60 },
    );
  });
});
