const STEPS = [
  0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400,
] as const;

/** Round times for an axis of so many seconds: three to eight of them, whatever its length. */
export function ticks(span: number): readonly number[] {
  const longest = 86_400 * Math.ceil(span / 86_400 / 7);
  const step = STEPS.find((seconds) => span / seconds <= 7) ?? longest;
  const count = Math.floor(span / step);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
