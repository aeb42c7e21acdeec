import * as tf from '@tensorflow/tfjs-core';
import type { BatchBuffers } from '@vitrine/ml-data';
import { vitParameterShapes, type Vit, type VitConfig } from '@vitrine/ml-nn';
import { initAdamW, type AdamWState } from '@vitrine/ml-optim';
import { disposeAll, toHost, toTensors, type Parameters, type StateDict } from '@vitrine/ml-tensor';
import { trainStep, type TrainStepHyper } from '@vitrine/ml-training';
import { VitrineError } from '@vitrine/contracts';
import { addPrefix, takePrefix } from '../checkpoint-codec.js';
import { pixelTensor } from './pixels.js';

export interface LearningStep {
  readonly learningRate: number;
  readonly hyper: TrainStepHyper;
  readonly noise_1ND?: tf.Tensor3D;
}

/** A model in training: weights and optimizer slots on the device, and the number of steps they have seen. */
export class Learner {
  private constructor(
    private readonly config: VitConfig,
    private state: { readonly params: Parameters; readonly optimizer: AdamWState },
    private stepsDone: number,
  ) {}

  static start(config: VitConfig, weights: StateDict): Learner {
    const params = toTensors(inModelOrder(config, weights, 'weights'));
    return new Learner(config, { params, optimizer: initAdamW(params) }, 0);
  }

  /**
   * From the arrays of a checkpoint.
   * @throws VitrineError ArtifactCorrupt when one is missing
   */
  static restore(config: VitConfig, arrays: StateDict, step: number): Learner {
    const group = (name: string): Parameters =>
      toTensors(inModelOrder(config, takePrefix(name, arrays), `checkpoint, ${name}`));
    const optimizer = { m: group('adamw.m'), v: group('adamw.v') };
    return new Learner(config, { params: group('params'), optimizer }, step);
  }

  /** Optimizer steps done. */
  get step(): number {
    return this.stepsDone;
  }

  /** The present model; its tensors are gone after the next step. */
  get vit(): Vit {
    return { config: this.config, params: this.state.params };
  }

  /** @throws NonFiniteError, ShapeError */
  learn(
    batch: BatchBuffers,
    { learningRate, hyper, noise_1ND }: LearningStep,
  ): { loss: number; gradientNorm: number } {
    const pixels_BCHW = pixelTensor(this.config, batch.pixels);
    const labels_B = tf.tensor1d(batch.labels, 'int32');
    const next = trainStep({
      vit: this.vit,
      optimizer: this.state.optimizer,
      batch: { pixels_BCHW, labels_B },
      ...(noise_1ND && { noise_1ND }),
      step: this.stepsDone,
      learningRate,
      hyper,
    });
    tf.dispose([pixels_BCHW, labels_B]);
    this.dispose();
    this.state = { params: next.params, optimizer: next.optimizer };
    this.stepsDone += 1;
    return { loss: next.loss, gradientNorm: next.gradientNorm };
  }

  weights(): StateDict {
    return toHost(this.state.params);
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return {
      ...addPrefix('params', toHost(this.state.params)),
      ...addPrefix('adamw.m', toHost(this.state.optimizer.m)),
      ...addPrefix('adamw.v', toHost(this.state.optimizer.v)),
    };
  }

  dispose(): void {
    disposeAll(this.state.params);
    disposeAll(this.state.optimizer.m);
    disposeAll(this.state.optimizer.v);
  }
}

/**
 * The arrays in the order of the architecture. Sums over all parameters, such as the gradient's norm, depend on the order
 * in their last digit, and files come back sorted by name.
 * @throws VitrineError ArtifactCorrupt when an array is missing
 */
function inModelOrder(config: VitConfig, arrays: StateDict, where: string): StateDict {
  return Object.fromEntries(
    Object.keys(vitParameterShapes(config)).map((name) => {
      const array = arrays[name];
      if (array) return [name, array];
      throw new VitrineError('ArtifactCorrupt', 'An array of the model is missing.', {
        where,
        expected: name,
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    }),
  );
}
