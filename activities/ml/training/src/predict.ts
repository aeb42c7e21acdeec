import type { VitConfig } from '@vitrine/ml-nn';
import { padTo, type RunningProgram } from '@vitrine/ml-tensor';

/**
 * Logits [count, K] of any number of images, from a program with the function `predict` of `predictionFunction`. Batches
 * have the size that the function was made for; the last one is padded with black images, whose rows are dropped.
 * @param request.pixels count × C × S × S, in [0, 1]
 */
export function predictLogits(
  program: Pick<RunningProgram<'predict'>, 'run'>,
  { channels, imageSize, classes }: VitConfig,
  { pixels, batchSize }: { readonly pixels: Float32Array; readonly batchSize: number },
): Float32Array {
  const stride = channels * imageSize ** 2;
  const count = pixels.length / stride;
  const logits = new Float32Array(count * classes);
  for (let first = 0; first < count; first += batchSize) {
    const given = pixels.subarray(first * stride, (first + batchSize) * stride);
    const outputs = program.run('predict', { pixels: padTo(given, batchSize * stride) });
    const rows = outputs['logits']?.data ?? new Float32Array();
    const kept = Math.min(batchSize, count - first) * classes;
    logits.set(rows.subarray(0, kept), first * classes);
  }
  return logits;
}
