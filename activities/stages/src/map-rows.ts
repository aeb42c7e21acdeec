/** Maps of images, one a row, as checkpoints and artifacts hold them: [images, N]. */
import type { HostTensor } from '@vitrine/ml-tensor';

export function joinRows(rows: readonly Float32Array[]): HostTensor {
  const width = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(row, i * width));
  return { dtype: 'float32', shape: [rows.length, width], data };
}

/** What `joinRows` has joined; nothing of nothing. */
export function splitRows(maps: HostTensor | undefined): Float32Array[] {
  const [count = 0, width = 0] = maps?.shape ?? [];
  return Array.from({ length: count }, (_, i) =>
    Float32Array.from(maps?.data.slice(i * width, (i + 1) * width) ?? []),
  );
}

/** The numbers of the images that the rows are of. */
export const imageNumbers = (images: readonly { readonly idx: number }[]): HostTensor => ({
  dtype: 'int32',
  shape: [images.length],
  data: Int32Array.from(images, ({ idx }) => idx),
});
