/**
 * The stretched and rectified binary concrete distribution ("Hard Concrete"): Louizos, Welling & Kingma, "Learning Sparse
 * Neural Networks through L0 Regularization", ICLR 2018, with the constants of the Vision DiffMask code (Nalmpantis et al.,
 * arXiv 2304.06391, 2023): temperature 0.2, stretched to [−0.2, 1]. With r = 1 there is an atom at 0 and none at 1.
 *
 *     s = σ((logit U + u) / τ),   z = clamp(s (r − l) + l, 0, 1)
 *     P(z = 0) = σ(c − u),   log P(z > 0) = −softplus(c − u),   c = τ ln(−l / r)
 *
 * Differs from the released code: the logit enters the sampler as it is. PyTorch's sampler turns it into a probability and
 * clamps that, so beyond `SAMPLER_LIMIT` its samples have no gradient; `clampLogit` does the same.
 */
import * as tf from '@tensorflow/tfjs-core';

export const TEMPERATURE = 0.2;
export const LOWER = -0.2;
const WIDTH = 1.2;

/** c, where open and closed are equally likely. */
export const BALANCE = TEMPERATURE * Math.log(-LOWER);

/** logit(1 − 2⁻²³): the largest logit that PyTorch's sampler tells from others. */
export const SAMPLER_LIMIT = Math.log(2 ** 23 - 1);

/** Keeps logit(U) finite in float32. */
const UNIFORM_MARGIN = 1e-7;

/** logit(U) of uniform draws. */
function logistic(uniform: tf.Tensor): tf.Tensor {
  const inside = tf.minimum(tf.maximum(uniform, UNIFORM_MARGIN), 1 - UNIFORM_MARGIN);
  return tf.sub(tf.log(inside), tf.log1p(tf.neg(inside)));
}

/** The logit as PyTorch's sampler sees it. */
export const clampLogit = <T extends tf.Tensor>(logit: T): T =>
  tf.minimum(tf.maximum(logit, -SAMPLER_LIMIT), SAMPLER_LIMIT);

/** One sample per element; differentiable by the logits, with gradient 0 where the gate is shut. */
export function sampleGate<T extends tf.Tensor>(logit: T, uniform: tf.Tensor): T {
  return tf.tidy(() => {
    const s = tf.sigmoid(tf.div(tf.add(logistic(uniform), logit), TEMPERATURE));
    return tf.minimum<T>(tf.maximum(tf.add(tf.mul(s, WIDTH), LOWER), 0), 1);
  });
}

/** log P(z > 0), finite for every logit. */
export const logOpen = <T extends tf.Tensor>(logit: T): T =>
  tf.tidy(() => tf.neg(tf.softplus(tf.sub<T>(BALANCE, logit))));

/** P(z > 0) on the host. */
export const openProbability = (logit: number): number => 1 / (1 + Math.exp(BALANCE - logit));

/** Nodes and weights of the Gauss-Legendre rule on [−1, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(order: number): { node: number; weight: number }[] {
  return Array.from({ length: order }, (_, i) => {
    let node = Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 1;
    for (let pass = 0; pass < 100; pass++) {
      let [before, value] = [0, 1];
      for (let n = 1; n <= order; n++)
        [before, value] = [value, ((2 * n - 1) * node * value - (n - 1) * before) / n];
      slope = (order * (node * value - before)) / (node * node - 1);
      const move = value / slope;
      node -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    return { node, weight: 2 / ((1 - node * node) * slope * slope) };
  });
}

const RULE = gaussLegendre(64);

/**
 * E[z] = ∫₀¹ P(z > t) dt, by a fixed rule in q with t = 1 − q²: the integrand bends near t = 1, and there the points are
 * close together.
 */
export const expectedGate = <T extends tf.Tensor>(logit: T): T =>
  tf.tidy(() => {
    const parts = RULE.map(({ node, weight }) => {
      const q = (1 + node) / 2;
      const t = 1 - q * q;
      const x = (t - LOWER) / WIDTH;
      const quantile = TEMPERATURE * (Math.log(x) - Math.log1p(-x));
      return tf.mul(tf.sigmoid(tf.sub(logit, quantile)), weight * q);
    });
    return tf.addN(parts) as T;
  });
