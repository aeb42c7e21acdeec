/** Clocks of two machines may disagree by more than there is between them. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
