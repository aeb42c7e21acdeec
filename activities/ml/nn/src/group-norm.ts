/**
 * Group normalisation (Wu & He, ECCV 2018), followed by an affine map and, where asked for, by SiLU, as one operation with
 * its gradient in closed form. Axes: B images, M = H·W pixels, C channels, G groups.
 *
 *     u = (x + shift − mean) / √(variance + ε)    over the pixels and channels of a group
 *     y = silu(u · scale + offset)
 *
 * A shift by channel needs no pass over the pixels: it moves means alone. Biases of convolutions and the time step come in
 * so.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain } from '@vitrine/ml-tensor';

const EPSILON = 1e-5;

export interface GroupNormInput {
  readonly x_BMC: tf.Tensor3D;
  /** [B or 1, 1, C] each. */
  readonly shift: tf.Tensor3D;
  readonly scale: tf.Tensor3D;
  readonly offset: tf.Tensor3D;
  readonly groups: number;
  readonly silu: boolean;
}

/** [B, 1, C] of means over pixels → each channel's the mean of its group. */
function overGroup(means_B1C: tf.Tensor3D, groups: number): tf.Tensor3D {
  const [B, , C] = means_B1C.shape;
  const size = C / groups;
  if (size === 1) return means_B1C.clone();
  return tf.tidy(() => {
    const grouped = tf.mean(tf.reshape(means_B1C, [B, groups, size]), 2, true);
    return tf.reshape(tf.mul(grouped, tf.ones([1, 1, size])), [B, 1, C]);
  });
}

const pixelMean = (x_BMC: tf.Tensor3D): tf.Tensor3D => tf.mean(x_BMC, 1, true);

const groupMean = (x_BMC: tf.Tensor3D, groups: number): tf.Tensor3D =>
  chain(pixelMean(x_BMC), (means) => overGroup(means as tf.Tensor3D, groups));

/** Sums what was stretched over the batch. */
const asShape = (gradient_B1C: tf.Tensor3D, { shape }: tf.Tensor3D): tf.Tensor3D =>
  shape[0] === 1 && gradient_B1C.shape[0] !== 1 ? tf.sum(gradient_B1C, 0, true) : gradient_B1C;

interface Normalised {
  readonly unit_BMC: tf.Tensor3D;
  readonly inverseStd_B1C: tf.Tensor3D;
}

function normalise({ x_BMC, shift, groups }: GroupNormInput): Normalised {
  return tf.tidy(() => {
    const mean_B1C = overGroup(tf.add(pixelMean(x_BMC), shift), groups);
    const centred_BMC = tf.sub(x_BMC, tf.sub(mean_B1C, shift));
    const variance_B1C = chain<tf.Tensor3D>(tf.square(centred_BMC), (square) => groupMean(square, groups));
    const inverseStd_B1C = tf.rsqrt(tf.add(variance_B1C, EPSILON));
    return {
      unit_BMC: tf.mul(centred_BMC, inverseStd_B1C),
      inverseStd_B1C,
    } as unknown as tf.TensorContainerObject;
  }) as unknown as Normalised;
}

export function groupNorm(input: GroupNormInput): tf.Tensor3D {
  const { groups, silu } = input;
  const M = input.x_BMC.shape[1];
  const run = tf.customGrad((...args) => {
    const [x_BMC, shift, scale, offset, save] = args as [
      ...[tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D],
      tf.GradSaveFunc,
    ];
    const { unit_BMC, inverseStd_B1C } = normalise({ ...input, x_BMC, shift });
    save([unit_BMC, inverseStd_B1C, shift, scale, offset]);
    const affine = (unit: tf.Tensor3D, by: tf.Tensor3D, plus: tf.Tensor3D): tf.Tensor3D =>
      chain(tf.mul(unit, by), (scaled) => tf.add(scaled, plus));
    const value = silu
      ? chain(affine(unit_BMC, scale, offset), (z) => tf.mul(z, tf.sigmoid(z)))
      : affine(unit_BMC, scale, offset);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
      tf.tidy(() => {
        const [unit, inverseStd, by0, by1, by2] = saved as tf.Tensor3D[] as [
          ...[tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D],
        ];
        const dz = silu ? siluGradient(affine(unit, by1, by2), dy as tf.Tensor3D) : (dy as tf.Tensor3D);
        const meanDz = pixelMean(dz);
        const meanAlong = chain<tf.Tensor3D>(tf.mul(dz, unit), pixelMean);
        // By the group's mean and variance, which take their share of every pixel's gradient.
        const share = overGroup(tf.mul(meanDz, by1), groups);
        const along = overGroup(tf.mul(meanAlong, by1), groups);
        const dx = chain<tf.Tensor3D>(tf.sub(tf.sub(tf.mul(dz, by1), share), tf.mul(unit, along)), (across) =>
          tf.mul(across, inverseStd),
        );
        const dShift = tf.sum<tf.Tensor3D>(dx, 1, true);
        return [
          dx,
          asShape(dShift, by0),
          asShape(tf.mul(meanAlong, M), by1),
          asShape(tf.mul(meanDz, M), by2),
        ];
      });
    return { value, gradFunc };
  });
  return run(input.x_BMC, input.shift, input.scale, input.offset) as tf.Tensor3D;
}

/** dy · d(z σ(z))/dz = dy · σ(z) (1 + z (1 − σ(z))). */
function siluGradient(z: tf.Tensor3D, dy: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const gate = tf.sigmoid(z);
    return tf.mul(dy, tf.mul(gate, tf.add(tf.mul(z, tf.sub(1, gate)), 1)));
  });
}
