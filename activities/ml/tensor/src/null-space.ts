/**
 * The null space of a matrix, in float64.
 *
 * W [rows × columns] = Σ σ_i u_i v_iᵀ. A QR of Wᵀ and the decomposition of its R (ml-matrix, Golub-Kahan) yield the singular
 * values and the right singular vectors v_1 … v_rank (Chan, "An Improved Algorithm for Computing the Singular Value
 * Decomposition", ACM TOMS 1982); the rest of an orthonormal basis of R^columns, which no thin decomposition holds, are the
 * last columns of the Householder Q of [v_1 … v_rank].
 */
import { Matrix, SVD } from 'ml-matrix';
import { applyQ, householderQr } from './householder.js';
import { ShapeError } from './shape.js';

/** A matrix, row major. */
export interface RealMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export interface NullSpace {
  /** Length of its vectors. */
  readonly columns: number;
  /** Number of singular values above `tolerance`. */
  readonly rank: number;
  /** All min(rows, columns) singular values, largest first. */
  readonly singularValues: Float64Array;
  readonly tolerance: number;
  /** columns − rank. */
  readonly nullity: number;
  /** `rank` orthonormal vectors that span everything at right angles to it. */
  readonly rowSpace: readonly Float64Array[];
}

/** Spacing of float32 at 1: the weights are stored in float32, so smaller singular values are rounding. */
const FLOAT32_EPSILON = 2 ** -23;
/** What a direction of the null space may keep of the largest singular value where it must hold to rounding. */
const STRICT_TOLERANCE = 1e-6;

/**
 * Which singular values count as 0, as a share of the largest. `scipy`: the rule of SciPy's `null_space` with the spacing of
 * float32, in which weights are stored; of a square matrix of 768 it takes directions that keep up to 1e-4. `strict`: none
 * that keeps more than 1e-6, so that ‖Wv‖ / (‖W‖ ‖v‖) stays below it.
 */
const RANK_RULES = {
  scipy: (longest: number) => FLOAT32_EPSILON * longest,
  strict: (longest: number) => Math.min(STRICT_TOLERANCE, FLOAT32_EPSILON * longest),
};
export type RankRule = keyof typeof RANK_RULES;

/** The number of singular values that count, of a matrix with so many rows and columns. */
export function rankBy(
  rule: RankRule,
  { rows, columns, singularValues }: Pick<RealMatrix, 'rows' | 'columns'> & Pick<NullSpace, 'singularValues'>,
): { readonly rank: number; readonly tolerance: number } {
  const tolerance = singularValues[0] * RANK_RULES[rule](Math.max(rows, columns));
  return { tolerance, rank: singularValues.filter((value) => value > tolerance).length };
}

/** The last m − n columns of Q of a QR of `tall` [m × n]: an orthonormal basis of the complement of its columns. */
function orthogonalComplement(tall: readonly Float64Array[], m: number): readonly Float64Array[] {
  const qr = householderQr(tall);
  return Array.from({ length: m - tall.length }, (_, at) => {
    const x = new Float64Array(m);
    x[tall.length + at] = 1;
    return applyQ(qr, x);
  });
}

function checkMatrix({ rows, columns, data }: RealMatrix): void {
  if (data.length !== rows * columns || rows < 1 || columns < 1)
    throw new ShapeError('nullSpace', `${rows} × ${columns} numbers, at least one`, `${data.length}`);
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new ShapeError(
      `nullSpace, row ${Math.floor(odd / columns)}, column ${odd % columns}`,
      'a finite number',
      `${data[odd]}`,
    );
}

/**
 * { v : W v = 0 }. A zero matrix has rank 0 and the whole space as its null space.
 * @throws ShapeError if the data do not fit rows × columns or hold a number that is not finite
 */
export function nullSpace(weights: RealMatrix, rule: RankRule = 'scipy'): NullSpace {
  checkMatrix(weights);
  const { rows, columns, data } = weights;
  // Its tall form A = Q R: R is small and square, and its decomposition R = U Σ Vᵀ takes far less than that of A = (Q U) Σ Vᵀ.
  const isWide = rows < columns;
  const [many, long] = isWide ? [rows, columns] : [columns, rows];
  const qr = householderQr(
    Array.from({ length: many }, (_, k) =>
      isWide
        ? data.slice(k * columns, (k + 1) * columns)
        : Float64Array.from({ length: long }, (_unused, row) => data[row * columns + k]),
    ),
  );
  const square = Matrix.zeros(many, many);
  qr.upper.forEach((column, k) => {
    for (let i = 0; i <= k; i++) square.set(i, k, column[i]);
  });
  const svd = new SVD(square, {
    computeLeftSingularVectors: isWide,
    computeRightSingularVectors: !isWide,
    autoTranspose: false,
  });
  const singularValues = Float64Array.from(svd.diagonal);
  const { rank, tolerance } = rankBy(rule, { rows, columns, singularValues });
  const rowSpace = Array.from({ length: rank }, (_, k) => {
    if (!isWide) return Float64Array.from(svd.rightSingularVectors.getColumn(k));
    const x = new Float64Array(columns);
    x.set(svd.leftSingularVectors.getColumn(k));
    return applyQ(qr, x);
  });
  return { columns, rank, singularValues, tolerance, nullity: columns - rank, rowSpace };
}

/** `nullity` orthonormal vectors that span the null space. */
export const nullSpaceBasis = ({ rowSpace, columns }: NullSpace): readonly Float64Array[] =>
  orthogonalComplement(rowSpace, columns);

/**
 * Moves a vector to the nearest point of the null space, in place: v ← v − Σ u (u · v) over the row space. Of a Gaussian
 * vector it makes a Gaussian one of the null space, without a basis of it.
 */
export function projectOnNullSpace({ rowSpace }: NullSpace, v: Float64Array): Float64Array {
  // Twice: what rounding left of the row space goes the second time.
  for (let pass = 0; pass < 2; pass++)
    for (const u of rowSpace) {
      let dot = 0;
      for (let i = 0; i < v.length; i++) dot += u[i] * v[i];
      for (let i = 0; i < v.length; i++) v[i] -= dot * u[i];
    }
  return v;
}
