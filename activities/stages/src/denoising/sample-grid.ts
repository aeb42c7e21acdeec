import { encodePng } from '../report/png.js';

const GAP = 1;

/** Images [n, C, S, S] in [0, 1], n a square number, as one picture: rows of √n with a white line between. */
export function sampleGrid(
  images: Float32Array,
  { count, channels, size }: { readonly count: number; readonly channels: number; readonly size: number },
): Uint8Array {
  const side = Math.round(Math.sqrt(count));
  const width = side * (size + GAP) - GAP;
  const rgb = new Uint8Array(3 * width * width).fill(255);
  const plane = size * size;
  for (let image = 0; image < count; image++) {
    const [top, left] = [Math.floor(image / side) * (size + GAP), (image % side) * (size + GAP)];
    for (let pixel = 0; pixel < plane; pixel++)
      for (let channel = 0; channel < 3; channel++) {
        const from = image * channels * plane + Math.min(channel, channels - 1) * plane + pixel;
        const at = (top + Math.floor(pixel / size)) * width + left + (pixel % size);
        rgb[3 * at + channel] = Math.round(255 * Math.min(1, Math.max(0, images[from] ?? 0)));
      }
  }
  return encodePng(rgb, width);
}
