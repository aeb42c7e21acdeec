/** Annex K of the JPEG standard (ITU-T T.81): quantisation steps by row and column of a block. */
const LUMINANCE = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];
const CHROMINANCE = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...[99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99],
  ...[99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99],
];

/** The steps at a quality from 1 to 100, as libjpeg scales them. */
export function quantisation(quality: number): { readonly luma: number[]; readonly chroma: number[] } {
  const scale = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  const scaled = (table: readonly number[]): number[] =>
    table.map((step) => Math.min(Math.max(Math.trunc((step * scale + 50) / 100), 1), 255));
  return { luma: scaled(LUMINANCE), chroma: scaled(CHROMINANCE) };
}
