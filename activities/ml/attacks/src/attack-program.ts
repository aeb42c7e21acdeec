/** What attacks ask of a model, as a program: its weights are the state, and every function takes one size of batch. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameters, Program, RunningProgram, Specs } from '@vitrine/ml-tensor';
import { ascentInputs, ascentStep, errorMargin, oneHot, type Classifier } from './attacked-batch.js';
import { logitsAndSlope } from './steered-slope.js';

export type AttackFunction = 'predict' | 'ascend' | 'margins' | 'steer';

/** A model under attack. */
export type AttackedModel = Pick<RunningProgram<AttackFunction>, 'run'>;

/** A batch on the host: pixels B × C × H × W in [0, 1], and labels. */
export interface HostBatch {
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

export interface AttackProgramOptions {
  /** Specifications of the weights that `classifier` takes. */
  readonly weights: Specs;
  readonly classifier: (weights: Parameters) => Classifier;
  /** [B, C, H, W]. */
  readonly pixelShape: readonly [number, number, number, number];
}

/**
 * `predict` gives logits, `margins` the error margins, and `ascend` moves pixels by one step along the sign of the
 * gradient of the cross-entropy, back into the ball around the clean ones: `limits` are [ε, size of the step]. `steer` gives
 * logits and the gradient by the pixels of one of the losses of `steered-slope.ts`.
 */
export function attackProgram(options: AttackProgramOptions): Program<AttackFunction> {
  const { weights, classifier, pixelShape } = options;
  const pixels = { dtype: 'float32', shape: pixelShape } as const;
  const labels = { dtype: 'int32', shape: pixelShape.slice(0, 1) } as const;
  const limits = { dtype: 'float32', shape: [2] } as const;
  return {
    name: 'attack',
    state: weights,
    functions: {
      predict: {
        inputs: { pixels },
        compute: ({ state, inputs }) => ({
          outputs: { logits: classifier(state)(inputs['pixels'] as tf.Tensor4D) },
        }),
      },
      margins: {
        inputs: { pixels, labels },
        compute: ({ state, inputs }) => {
          const logits_BK = classifier(state)(inputs['pixels'] as tf.Tensor4D);
          return { outputs: { margins: errorMargin(logits_BK, inputs['labels'] as tf.Tensor1D) } };
        },
      },
      steer: {
        inputs: { pixels, labels, targets: labels, loss: { dtype: 'int32', shape: [1] } },
        compute: ({ state, inputs }) => {
          const { logits_BK, slope_BCHW } = logitsAndSlope(classifier(state), {
            pixels_BCHW: inputs['pixels'] as tf.Tensor4D,
            labels_B: inputs['labels'] as tf.Tensor1D,
            targets_B: inputs['targets'] as tf.Tensor1D,
            loss_1: inputs['loss'] as tf.Tensor1D,
          });
          return { outputs: { logits: logits_BK, slope: slope_BCHW } };
        },
      },
      ascend: {
        inputs: { pixels, clean: pixels, labels, limits },
        compute: ({ state, inputs }) => {
          const targets = (classes: number) => oneHot(inputs['labels'] as tf.Tensor1D, classes);
          return { outputs: { pixels: ascentStep(classifier(state), ascentInputs(inputs), targets) } };
        },
      },
    },
  };
}

/** One step of `ascend`: the pixels after it. */
export function ascend(
  model: AttackedModel,
  from: Float32Array,
  { pixels, labels, limits }: HostBatch & { readonly limits: readonly [epsilon: number, stepSize: number] },
): Float32Array {
  const outputs = model.run('ascend', {
    pixels: from,
    clean: pixels,
    labels,
    limits: Float32Array.from(limits),
  });
  return outputs['pixels']?.data as Float32Array;
}
