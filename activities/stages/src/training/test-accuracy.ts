import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { accuracyOf } from '@vitrine/ml-training';
import type { Learner } from './learner.js';

const CHUNK = 256;

/**
 * Fraction of the first `count` images that the model classifies right.
 * @param options.onChunk called after every chunk of images with the number done
 */
export async function testAccuracy(
  learner: Pick<Learner, 'predict'>,
  images: ImageSet,
  { count, onChunk }: { readonly count: number; readonly onChunk: (done: number) => Promise<void> },
): Promise<number> {
  let correct = 0;
  for (let first = 0; first < count; first += CHUNK) {
    const { pixels, labels } = imageSlice(images, first, Math.min(CHUNK, count - first));
    const logits = learner.predict(pixels);
    correct += accuracyOf(logits, labels, logits.length / labels.length);
    await onChunk(first + labels.length);
  }
  return correct / count;
}
