/**
 * A noise of the patch embeddings as pixels: the change p of each patch with W p nearest to the noise δ of its token, without
 * bounds or within those of a picture. Reference followed: github.com/Liu-Hy/NS-ViT, commit e7a89f1, which bounds p itself by
 * [−1, 1]; here image + p is bounded, so that it is a picture.
 *
 * Axes: `P` patches of all images, `M` numbers of a patch, `D` width.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nullSpace } from '@vitrine/ml-tensor';
import type { PatchEmbeddingNullSpace } from './patch-embedding-null-space.js';

/** The shortest of the changes with the least ‖W p − δ‖, [N × M]: W⁺ δ, token by token. */
export function shortestPixels({ weights }: PatchEmbeddingNullSpace, noise_ND: Float32Array): Float64Array {
  const { rows: D, columns: M, data } = weights;
  const { rowSpace, singularValues } = nullSpace(weights);
  const tokens = noise_ND.length / D;
  const pixels = new Float64Array(tokens * M);
  rowSpace.forEach((v, k) => {
    const image = Float64Array.from({ length: D }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < M; i++) sum += (data[row * M + i] ?? 0) * (v[i] ?? 0);
      return sum;
    });
    for (let token = 0; token < tokens; token++) {
      let along = 0;
      for (let d = 0; d < D; d++) along += (image[d] ?? 0) * (noise_ND[token * D + d] ?? 0);
      const share = along / (singularValues[k] ?? NaN) ** 2;
      for (let i = 0; i < M; i++) pixels[token * M + i] = (pixels[token * M + i] ?? 0) + share * (v[i] ?? 0);
    }
  });
  return pixels;
}

const STEPS = 200;

/**
 * The same with every number of p between its bounds, by accelerated projected gradients (Beck & Teboulle, "A Fast Iterative
 * Shrinkage-Thresholding Algorithm for Linear Inverse Problems", SIAM J. Imaging Sciences 2009).
 */
export function boundedPixels(
  { weights, singularValues }: PatchEmbeddingNullSpace,
  of: { readonly noise_PD: tf.Tensor2D; readonly low_PM: tf.Tensor2D; readonly high_PM: tf.Tensor2D },
): tf.Tensor2D {
  const { rows: D, columns: M, data } = weights;
  const { noise_PD, low_PM, high_PM } = of;
  const slope = 1 / (singularValues[0] ?? NaN) ** 2;
  const W_DM = tf.tensor2d(Float32Array.from(data), [D, M]);
  const within = (x: tf.Tensor): tf.Tensor2D => tf.minimum(tf.maximum(x, low_PM), high_PM);
  let p_PM: tf.Tensor2D = tf.tidy(() => within(tf.zerosLike(low_PM)));
  let ahead_PM = p_PM.clone();
  let t = 1;
  for (let step = 0; step < STEPS; step++) {
    const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const [p, ahead] = tf.tidy(() => {
      const rest_PD = tf.sub<tf.Tensor2D>(tf.matMul(ahead_PM, W_DM, false, true), noise_PD);
      const stepped = within(tf.sub(ahead_PM, tf.mul(tf.matMul(rest_PD, W_DM), slope)));
      return [stepped, tf.add<tf.Tensor2D>(stepped, tf.mul(tf.sub(stepped, p_PM), (t - 1) / next))];
    });
    tf.dispose([p_PM, ahead_PM]);
    [p_PM, ahead_PM, t] = [p, ahead, next];
  }
  tf.dispose([W_DM, ahead_PM]);
  return p_PM;
}

/** ‖W p − δ‖ / ‖δ‖ over all patches: 0 when the pixels are the noise, 1 when they are nothing. */
export function noiseLeftOver(
  { weights: { rows: D, columns: M, data } }: PatchEmbeddingNullSpace,
  pixels_PM: ArrayLike<number>,
  noise_PD: ArrayLike<number>,
): number {
  let [left, whole] = [0, 0];
  for (let token = 0; token < noise_PD.length / D; token++)
    for (let d = 0; d < D; d++) {
      const wanted = noise_PD[token * D + d] ?? 0;
      let embedded = 0;
      for (let i = 0; i < M; i++) embedded += (data[d * M + i] ?? 0) * (pixels_PM[token * M + i] ?? 0);
      left += (embedded - wanted) ** 2;
      whole += wanted ** 2;
    }
  return whole === 0 ? 0 : Math.sqrt(left / whole);
}
