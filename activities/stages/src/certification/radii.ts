/** Some seven round radii from 0 to the largest of right examples, where a curve is told in numbers. */
export function radiiOf(
  examples: readonly { readonly correct: boolean; readonly radius: number }[],
): number[] {
  const largest = examples.reduce(
    (most, { correct, radius }) => (correct ? Math.max(most, radius) : most),
    0,
  );
  if (!(largest > 0 && Number.isFinite(largest))) return [0];
  const power = 10 ** Math.floor(Math.log10(largest / 6));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one * 7 > largest) ?? power;
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}
