/**
 * The perturbation test of Chefer, Gur, Wolf, "Transformer Interpretability Beyond Attention Visualization", CVPR 2021, as Hu et
 * al. 2024 use it: the pixels that a map ranks highest (positive) or lowest (negative) turn black, in tenths of the image, and the
 * accuracy is followed. Reference followed: hila-chefer/Transformer-Explainability. A map of patches becomes one of pixels by
 * bilinear interpolation; equal pixels turn black in their order.
 */

/** Shares of the pixels that turn black. */
export const PERTURBED_SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

/** A square map of `from`² values as one of `to`² pixels: bilinear, corners not aligned, as PyTorch interpolates. */
export function enlarged(map: ArrayLike<number>, to: number): Float32Array {
  const from = Math.round(Math.sqrt(map.length));
  const at = (i: number): { low: number; high: number; share: number } => {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(position));
    return { low, high: Math.min(from - 1, low + 1), share: position - low };
  };
  const places = Array.from({ length: to }, (_, i) => at(i));
  const value = (row: number, column: number): number => map[row * from + column] ?? 0;
  return Float32Array.from({ length: to * to }, (_, pixel) => {
    const [row, column] = [places[Math.floor(pixel / to)], places[pixel % to]] as [
      (typeof places)[number],
      (typeof places)[number],
    ];
    const along = (r: number): number =>
      value(r, column.low) * (1 - column.share) + value(r, column.high) * column.share;
    return along(row.low) * (1 - row.share) + along(row.high) * row.share;
  });
}

/** The image at each share of black pixels. Axes: C channels, S side. */
export function perturbedImages(
  pixels_CSS: Float32Array,
  map_SS: Float32Array,
  order: 'positive' | 'negative',
): readonly Float32Array[] {
  const sign = order === 'positive' ? -1 : 1;
  const ranked = Array.from(map_SS, (_, i) => i).sort(
    (a, b) => sign * ((map_SS[a] ?? 0) - (map_SS[b] ?? 0)) || a - b,
  );
  return PERTURBED_SHARES.map((share) => {
    const image = pixels_CSS.slice();
    for (const pixel of ranked.slice(0, Math.round(share * ranked.length)))
      for (let i = pixel; i < image.length; i += ranked.length) image[i] = 0;
    return image;
  });
}
