import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import type { Vit } from '@vitrine/ml-nn';
import { accuracyOf, predictLogits } from '@vitrine/ml-training';
import { pixelTensor } from './pixels.js';

const CHUNK = 256;

/**
 * Fraction of the first `count` images that the model classifies right.
 * @param options.onChunk called after every chunk of images with the number done
 */
export async function testAccuracy(
  vit: Vit,
  images: ImageSet,
  { count, onChunk }: { readonly count: number; readonly onChunk: (done: number) => Promise<void> },
): Promise<number> {
  let correct = 0;
  for (let first = 0; first < count; first += CHUNK) {
    const { pixels, labels } = imageSlice(images, first, Math.min(CHUNK, count - first));
    const pixels_BCHW = pixelTensor(vit.config, pixels);
    const logits_BK = predictLogits(vit, pixels_BCHW);
    correct += accuracyOf(logits_BK.dataSync() as Float32Array, labels, vit.config.classes);
    pixels_BCHW.dispose();
    logits_BK.dispose();
    await onChunk(first + labels.length);
  }
  return correct / count;
}
