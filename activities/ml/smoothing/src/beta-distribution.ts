/**
 * The regularised incomplete beta function and points of it, in double precision also for counts of a million.
 *
 * Papers: Loader, "Fast and accurate computation of binomial probabilities", 2000 (the saddle-point form of the density,
 * which loses no digits to differences of log-gammas); Lentz's method for the continued fraction of Abramowitz & Stegun
 * 26.5.8.
 */

const HALF_LOG_TWO_PI = 0.918938533204672741780329736406;

/** Up to here the series is not exact enough, and n! is an exact double. */
const SMALL = 15;

/** ln n! − Stirling's approximation of it, for whole n from 1. */
function stirlingError(n: number): number {
  if (n <= SMALL) {
    let factorial = 1;
    for (let k = 2; k <= n; k++) factorial *= k;
    return Math.log(factorial) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI;
  }
  const square = n * n;
  const series =
    1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square;
  return series / n;
}

/** x ln(x / m) + m − x, without the cancellation where x is near m. */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) < 0.1 * (x + m)) {
    const v = (x - m) / (x + m);
    let sum = (x - m) * v;
    let term = 2 * x * v;
    for (let j = 1; j < 1000; j++) {
      term *= v * v;
      const next = sum + term / (2 * j + 1);
      if (next === sum) return next;
      sum = next;
    }
  }
  return x * Math.log(x / m) + m - x;
}

/** x^a (1 − x)^b / B(a, b) for whole a, b ≥ 1 and x in (0, 1). */
function densityFactor(a: number, b: number, x: number): number {
  const n = a + b;
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * (1 - x));
  // The binomial probability of a in n draws, times a·b / n.
  return Math.exp(exponent) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

const TINY = 1e-300;
const PRECISION = { nearOne: 1e-16, mostTerms: 100_000 };

/** The continued fraction that x^a (1 − x)^b / (a B(a, b)) multiplies; converges fast for x below (a + 1) / (a + b + 2). It ends when a term changes it by less than `nearOne`. */
export function continuedFraction(
  a: number,
  b: number,
  { x, nearOne, mostTerms }: { readonly x: number; readonly nearOne: number; readonly mostTerms: number },
): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const change = d * c;
    value *= change;
    if (Math.abs(change - 1) < nearOne) break;
  }
  return value;
}

const nonZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x);

/** Mass of Beta(a, b) on both sides of x; each is exact where it is small. */
export interface BetaMass {
  readonly below: number;
  readonly above: number;
}

/**
 * I_x(a, b) and its complement, for whole a, b ≥ 1.
 * @throws RangeError
 */
export function betaMass(a: number, b: number, x: number): BetaMass {
  for (const [name, value] of [
    ['a', a],
    ['b', b],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`betaMass, ${name}: expected a whole number from 1, got ${value}`);
  if (!(x >= 0 && x <= 1)) return { below: NaN, above: NaN };
  if (x === 0 || x === 1) return { below: x, above: 1 - x };
  const factor = densityFactor(a, b, x);
  if (x < (a + 1) / (a + b + 2)) {
    const below = (factor * continuedFraction(a, b, { x, ...PRECISION })) / a;
    return { below, above: 1 - below };
  }
  const above = (factor * continuedFraction(b, a, { x: 1 - x, ...PRECISION })) / b;
  return { below: 1 - above, above };
}

/**
 * Where a condition on the mass of Beta(a, b) begins to hold, seen from 0: by bisection over the doubles, so to their
 * last digits.
 */
export function betaPoint(a: number, b: number, holds: (mass: BetaMass) => boolean): number {
  let high = 1;
  while (high > Number.MIN_VALUE && holds(betaMass(a, b, high / 2))) high /= 2;
  let low = high / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (holds(betaMass(a, b, middle))) high = middle;
    else low = middle;
  }
}
