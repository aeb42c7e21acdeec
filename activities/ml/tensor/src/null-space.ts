/**
 * The null space of a matrix, in float64.
 *
 * W [rows × columns] = Σ σ_i u_i v_iᵀ. The thin decomposition of Wᵀ (ml-matrix, Golub-Kahan) yields the singular values and
 * the right singular vectors v_1 … v_rank; the rest of an orthonormal basis of R^columns, which no thin decomposition
 * holds, are the last columns of the Householder Q of [v_1 … v_rank] (Golub & Van Loan, Matrix Computations, 5.2).
 */
import { Matrix, SVD } from 'ml-matrix';
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

/**
 * The reflectors of a Householder QR of `tall` [m × n], unit vectors h with H = I − 2 h hᵀ, applied to the last m − n
 * columns of the identity: an orthonormal basis of the complement of its columns.
 */
function orthogonalComplement(tall: readonly Float64Array[], m: number): readonly Float64Array[] {
  const columns = tall.map((column) => column.slice());
  // h of reflector k is 0 before element k.
  const reflect = (h: Float64Array, k: number, x: Float64Array): void => {
    let dot = 0;
    for (let i = k; i < m; i++) dot += h[i] * x[i];
    for (let i = k; i < m; i++) x[i] -= 2 * dot * h[i];
  };
  const reflectors = columns.map((column, k) => {
    const h = column.slice().fill(0, 0, k);
    const length = Math.hypot(...h);
    h[k] += h[k] < 0 ? -length : length;
    const norm = Math.hypot(...h);
    for (let i = k; i < m; i++) h[i] /= norm;
    for (const later of columns.slice(k + 1)) reflect(h, k, later);
    return h;
  });
  return Array.from({ length: m - tall.length }, (_, at) => {
    const x = new Float64Array(m);
    x[tall.length + at] = 1;
    for (let k = reflectors.length - 1; k >= 0; k--) reflect(reflectors[k], k, x);
    return x;
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
  // ml-matrix decomposes tall matrices only: a wide one goes in transposed, and its left vectors are ours.
  const isWide = rows < columns;
  const at = (row: number, column: number): number => data[row * columns + column];
  const tall = new Matrix(Math.max(rows, columns), Math.min(rows, columns));
  for (let row = 0; row < tall.rows; row++)
    for (let column = 0; column < tall.columns; column++)
      tall.set(row, column, isWide ? at(column, row) : at(row, column));
  const svd = new SVD(tall, {
    computeLeftSingularVectors: isWide,
    computeRightSingularVectors: !isWide,
    autoTranspose: false,
  });
  const vectors = isWide ? svd.leftSingularVectors : svd.rightSingularVectors;
  const singularValues = Float64Array.from(svd.diagonal);
  const { rank, tolerance } = rankBy(rule, { rows, columns, singularValues });
  const rowSpace = Array.from({ length: rank }, (_, k) =>
    Float64Array.from({ length: columns }, (_unused, i) => vectors.get(i, k)),
  );
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
