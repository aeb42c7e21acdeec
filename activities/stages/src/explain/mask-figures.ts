import type { maskScoresSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageBatch } from '@vitrine/ml-data';
import type { GateFunction } from '@vitrine/ml-explain';
import type { RunningProgram } from '@vitrine/ml-tensor';
import type { z } from 'zod';

export type MaskScores = z.infer<typeof maskScoresSchema>;

const CUT = 0.5;
/** Columns of the figures of an image. */
const FIGURES = ['divergence', 'divergenceOfCut', 'kept', 'binary', 'agreement'] as const;
export const MASK_FIGURES = FIGURES.length;

/** The first index of the largest value. */
const argMax = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** What the masks of images `first … first + count − 1`, one batch at most, do to the answers of the model: a row an image. */
export function maskFigures(
  program: Pick<RunningProgram<GateFunction>, 'run'>,
  images: ImageSet,
  { first, count, batchSize }: { readonly first: number; readonly count: number; readonly batchSize: number },
): Float32Array {
  const { pixels } = imageBatch(images, first, { count, size: batchSize });
  const mask = program.run('attribute', { pixels })['mask']?.data as Float32Array;
  const soft = program.run('judge', { pixels, mask });
  const hard = program.run('judge', { pixels, mask: mask.map((value) => (value > CUT ? 1 : 0)) });
  const N = mask.length / batchSize;
  const classOf = (logits: ArrayLike<number> = [], image: number): number => {
    const K = logits.length / batchSize;
    return argMax(Array.from({ length: K }, (_, k) => logits[image * K + k] ?? NaN));
  };
  const rows = new Float32Array(count * MASK_FIGURES);
  for (let image = 0; image < count; image++) {
    const values = mask.subarray(image * N, (image + 1) * N);
    const stays = classOf(soft['logits']?.data, image) === classOf(soft['masked']?.data, image);
    const figures = {
      divergence: soft['divergence']?.data[image] ?? NaN,
      divergenceOfCut: hard['divergence']?.data[image] ?? NaN,
      kept: values.reduce((sum, value) => sum + value, 0) / N,
      binary: values.filter((value) => value < 0.05 || value > 0.95).length / N,
      agreement: stays ? 1 : 0,
    } satisfies Record<(typeof FIGURES)[number], number>;
    rows.set(
      FIGURES.map((name) => figures[name]),
      image * MASK_FIGURES,
    );
  }
  return rows;
}

/** Means over the images of such rows. */
export function meanMaskScores(rows: Float32Array): MaskScores {
  const images = rows.length / MASK_FIGURES;
  const mean = (column: number): number =>
    rows.reduce((sum, value, at) => (at % MASK_FIGURES === column ? sum + value : sum), 0) / images;
  const scores = FIGURES.map((name, column) => [name, mean(column)] as const);
  return { images, ...(Object.fromEntries(scores) as Record<(typeof FIGURES)[number], number>) };
}

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
  const rows = new Float32Array(count * MASK_FIGURES);
  for (let first = 0; first < count; first += batchSize) {
    const here = Math.min(batchSize, count - first);
    rows.set(maskFigures(program, images, { first, count: here, batchSize }), first * MASK_FIGURES);
    await onChunk(first + here);
  }
  return meanMaskScores(rows);
}
