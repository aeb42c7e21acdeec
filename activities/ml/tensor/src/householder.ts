/** Householder reflections (Golub & Van Loan, Matrix Computations, 5.1 and 5.2), in float64. */

/** Q R of a tall matrix: reflectors H = I − 2 h hᵀ with Q = H₁ H₂ …, h of the k-th being 0 before element k. */
export interface HouseholderQr {
  readonly reflectors: readonly Float64Array[];
  /** Column k of R, of which the first k + 1 numbers count. */
  readonly upper: readonly Float64Array[];
}

/** Without overflow, whatever the scale. */
function lengthFrom(x: Float64Array, first: number): number {
  let largest = 0;
  for (let i = first; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = first; i < x.length; i++) sum += (x[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

function reflect(h: Float64Array, k: number, x: Float64Array): void {
  let dot = 0;
  for (let i = k; i < x.length; i++) dot += h[i] * x[i];
  for (let i = k; i < x.length; i++) x[i] -= 2 * dot * h[i];
}

/** @param columns of equal length, at least as long as they are many; they stay as they are */
export function householderQr(columns: readonly Float64Array[]): HouseholderQr {
  const upper = columns.map((column) => column.slice());
  const reflectors = upper.map((column, k) => {
    const h = column.slice().fill(0, 0, k);
    const length = lengthFrom(column, k);
    h[k] += h[k] < 0 ? -length : length;
    const norm = lengthFrom(h, k);
    // A column that is already 0 needs no reflection: that by 0 is the identity.
    if (norm > 0) for (let i = k; i < h.length; i++) h[i] /= norm;
    for (let later = k; later < upper.length; later++) reflect(h, k, upper[later]);
    return h;
  });
  return { reflectors, upper };
}

/** Q x, in place. */
export function applyQ({ reflectors }: HouseholderQr, x: Float64Array): Float64Array {
  for (let k = reflectors.length - 1; k >= 0; k--) reflect(reflectors[k], k, x);
  return x;
}
