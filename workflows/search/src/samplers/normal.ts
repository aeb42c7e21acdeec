/** Distribution function of the standard normal; relative error below 1.2e-7 also far out (Press et al., erfcc). */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + z / 2);
  const terms = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368,
  ];
  const sum = terms.reduce((polynomial, coefficient) => polynomial * t + coefficient, 0);
  const tail = (t * Math.exp(-z * z - 1.26551223 + t * sum)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/** Mass of the standard normal between two places, without cancellation on the far side. */
export function normalMass(from: number, to: number): number {
  return from > 0 ? normalCdf(-from) - normalCdf(-to) : normalCdf(to) - normalCdf(from);
}
