/** Into [0, 1]. */
export const toPixel = (value: number): number => Math.min(Math.max(value, 0), 1);

/** Into the ball in L∞ around a pixel, and into [0, 1]. */
export const inBall = (value: number, centre: number, epsilon: number): number =>
  toPixel(Math.min(Math.max(value, centre - epsilon), centre + epsilon));
