import type { maskScoresSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import type { GateFunction } from '@vitrine/ml-explain';
import { padTo, type RunningProgram } from '@vitrine/ml-tensor';
import type { z } from 'zod';

export type MaskScores = z.infer<typeof maskScoresSchema>;

const CUT = 0.5;

/** The first index of the largest value. */
const argMax = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** What the masks of the first `count` images do to the answers of the model. */
export async function scoreMasks(
  program: Pick<RunningProgram<GateFunction>, 'run'>,
  images: ImageSet,
  options: {
    readonly count: number;
    readonly batchSize: number;
    readonly onChunk: (images: number) => Promise<void>;
  },
): Promise<MaskScores> {
  const { count, batchSize, onChunk } = options;
  const sums = { divergence: 0, divergenceOfCut: 0, kept: 0, binary: 0, agreement: 0 };
  for (let first = 0; first < count; first += batchSize) {
    const here = Math.min(batchSize, count - first);
    const { pixels: given } = imageSlice(images, first, here);
    const pixels = padTo(given, (given.length / here) * batchSize);
    const mask = program.run('attribute', { pixels })['mask']?.data as Float32Array;
    const soft = program.run('judge', { pixels, mask });
    const hard = program.run('judge', { pixels, mask: mask.map((value) => (value > CUT ? 1 : 0)) });
    const N = mask.length / batchSize;
    const classOf = (logits: ArrayLike<number> = [], image: number): number => {
      const K = logits.length / batchSize;
      return argMax(Array.from({ length: K }, (_, k) => logits[image * K + k] ?? NaN));
    };
    for (let image = 0; image < here; image++) {
      const values = mask.subarray(image * N, (image + 1) * N);
      sums.divergence += soft['divergence']?.data[image] ?? NaN;
      sums.divergenceOfCut += hard['divergence']?.data[image] ?? NaN;
      sums.kept += values.reduce((sum, value) => sum + value, 0) / N;
      sums.binary += values.filter((value) => value < 0.05 || value > 0.95).length / N;
      if (classOf(soft['logits']?.data, image) === classOf(soft['masked']?.data, image)) sums.agreement += 1;
    }
    await onChunk(first + here);
  }
  const means = Object.entries(sums).map(([name, sum]) => [name, sum / count] as const);
  return { images: count, ...(Object.fromEntries(means) as typeof sums) };
}
