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
  /** Number of singular values above `tolerance`. */
  readonly rank: number;
  /** All min(rows, columns) singular values, largest first. */
  readonly singularValues: Float64Array;
  readonly tolerance: number;
  /** columns − rank. */
  readonly nullity: number;
  /** [columns × nullity], row major, with orthonormal columns. */
  readonly basis: Float64Array;
}

/** Spacing of float32 at 1: the weights are stored in float32, so smaller singular values are rounding. */
const FLOAT32_EPSILON = 2 ** -23;

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
 * An orthonormal basis of { v : W v = 0 }. The rank counts the singular values above
 * `σ_max · 2^-23 · max(rows, columns)`, SciPy's `null_space` rule with the spacing of float32, in which weights are stored.
 * A zero matrix has rank 0 and the whole space as its null space.
 * @throws ShapeError if the data do not fit rows × columns or hold a number that is not finite
 */
export function nullSpace(weights: RealMatrix): NullSpace {
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
  const tolerance = singularValues[0] * FLOAT32_EPSILON * Math.max(rows, columns);
  const rank = singularValues.filter((value) => value > tolerance).length;
  const rowSpace = Array.from({ length: rank }, (_, k) =>
    Float64Array.from({ length: columns }, (_unused, i) => vectors.get(i, k)),
  );
  const complement = orthogonalComplement(rowSpace, columns);
  const nullity = columns - rank;
  const basis = new Float64Array(columns * nullity);
  complement.forEach((vector, k) => vector.forEach((value, i) => (basis[i * nullity + k] = value)));
  return { rank, singularValues, tolerance, nullity, basis };
}
