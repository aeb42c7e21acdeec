/** What the explanations of a model ask of it, as a program: the weights are its state, every function takes one size of batch. */
import * as tf from '@tensorflow/tfjs-core';
import { classify, logits, patchCount, vitParameterShapes, type Vit, type VitConfig } from '@vitrine/ml-nn';
import { rearrange, type Program, type ProgramFunction, type Specs } from '@vitrine/ml-tensor';
import { gradCam, gradientAttention, rawAttention, rollout } from './attention-maps.js';
import { oneHotTargets, openForward, type ExplainedBatch } from './open-pass.js';
import { transformerLrp } from './transformer-lrp.js';

/** Explanations that are one function of the model. */
export const DIRECT_METHODS = [
  'rawAttention',
  'rollout',
  'gradCam',
  'gradientAttention',
  'transformerLrp',
] as const;
export type DirectMethod = (typeof DIRECT_METHODS)[number];
export type ExplanationFunction = DirectMethod | 'predict' | 'pathGradient' | 'masked';

export interface ExplanationProgramOptions {
  readonly config: VitConfig;
  readonly batchSize: number;
  /** Share of small attention weights that rollout discards; 0.9 as released. */
  readonly discard: number;
}

/** The pixels that stand for nothing: the mean of the training images, [1, C, 1, 1]. */
const meanPixels = ({ channels, mean }: VitConfig): tf.Tensor4D =>
  tf.tensor4d([...mean], [1, channels, 1, 1]);

/** Sums over the pixels of each patch, [B, N]. */
function patchSums(values_BCHW: tf.Tensor4D, { patchSize: r }: VitConfig): tf.Tensor2D {
  const pattern = 'b c (n r) (m s) -> b (n m) (c r s)';
  return tf.sum(rearrange<tf.Rank.R3>(values_BCHW, pattern, { r, s: r }), 2);
}

/** Logit of the explained class, [B]. */
const targetLogits = (vit: Vit, pixels_BCHW: tf.Tensor4D, targets_B: tf.Tensor1D): tf.Tensor1D =>
  tf.sum(tf.mul(oneHotTargets(vit, targets_B), logits(vit, pixels_BCHW)), 1);

/** One point of the path of integrated gradients: gradient there times the way from the mean, summed per patch. */
function pathGradient(
  vit: Vit,
  { pixels_BCHW, targets_B }: ExplainedBatch,
  position: tf.Tensor,
): tf.Tensor2D {
  const mean_1C11 = meanPixels(vit.config);
  const way_BCHW = tf.sub(pixels_BCHW, mean_1C11);
  const at_BCHW = tf.add(mean_1C11, tf.mul(way_BCHW, position));
  const gradient = tf.grad((pixels) => tf.sum(targetLogits(vit, pixels as tf.Tensor4D, targets_B)))(at_BCHW);
  return patchSums(tf.mul(gradient, way_BCHW), vit.config);
}

/** Probability of the explained class with pixels replaced by the mean where `mask_1HW` is 0, [B]. */
function maskedProbability(
  vit: Vit,
  { pixels_BCHW, targets_B }: ExplainedBatch,
  mask_HW: tf.Tensor,
): tf.Tensor1D {
  const mean_1C11 = meanPixels(vit.config);
  const shown = tf.add<tf.Tensor4D>(mean_1C11, tf.mul(tf.sub(pixels_BCHW, mean_1C11), mask_HW));
  return tf.sum(tf.mul(oneHotTargets(vit, targets_B), tf.softmax(logits(vit, shown))), 1);
}

export function explanationProgram(options: ExplanationProgramOptions): Program<ExplanationFunction> {
  const { config, batchSize: B, discard } = options;
  const S = config.imageSize;
  const float = (shape: readonly number[]): Specs[string] => ({ dtype: 'float32', shape });
  const inputs = {
    pixels: float([B, config.channels, S, S]),
    targets: { dtype: 'int32', shape: [B] },
  } as const;
  const direct = (
    map: (vit: Vit, batch: ExplainedBatch) => tf.Tensor2D,
    more: Specs = {},
  ): ProgramFunction => ({
    inputs: { ...inputs, ...more },
    compute: (call) => ({ outputs: { map: map(vitOf(call), batchOf(call)) } }),
  });
  type Call = Parameters<ProgramFunction['compute']>[0];
  const vitOf = ({ state }: Call): Vit => ({ config, params: state, frozen: true });
  const batchOf = ({ inputs: given }: Call): ExplainedBatch => ({
    pixels_BCHW: given['pixels'] as tf.Tensor4D,
    targets_B: given['targets'] as tf.Tensor1D,
  });
  const shapes = Object.entries(vitParameterShapes(config));
  return {
    name: `explanations of ${patchCount(config)} patches`,
    state: Object.fromEntries(shapes.map(([name, shape]) => [name, float(shape)])),
    functions: {
      predict: {
        inputs: { pixels: inputs.pixels },
        compute: (call) => {
          const vit = vitOf(call);
          return {
            outputs: { logits: classify(vit, openForward(vit, batchOf(call).pixels_BCHW).features_BD) },
          };
        },
      },
      rawAttention: direct(rawAttention),
      rollout: direct((vit, batch) => rollout(vit, batch, discard)),
      gradCam: direct(gradCam),
      gradientAttention: direct(gradientAttention),
      transformerLrp: direct(transformerLrp),
      pathGradient: {
        inputs: { ...inputs, position: float([]) },
        compute: (call) => ({
          outputs: { map: pathGradient(vitOf(call), batchOf(call), call.inputs['position'] as tf.Tensor) },
        }),
      },
      masked: {
        inputs: { ...inputs, mask: float([S, S]) },
        compute: (call) => ({
          outputs: {
            probability: maskedProbability(vitOf(call), batchOf(call), call.inputs['mask'] as tf.Tensor),
          },
        }),
      },
    },
  };
}
