/**
 * Adversarial training as a program: the sums of `accumulating-program.ts`, and what finds adversarial images against the
 * weights as they are. A step is, for each part, `ascend` as often as the attack has steps, then `accumulateAgainst`.
 *
 * Papers: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018, equation 2.1 (here with
 * the clean term beside the adversarial one); Zhang et al., "Theoretically Principled Trade-off between Robustness and
 * Accuracy" (TRADES), ICML 2019, equation 5. Reference followed: github.com/Liu-Hy/easyrobust, commit f72cee0.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ascentInputs, ascentStep, vitClassifier } from '@vitrine/ml-attacks';
import { normal, PURPOSE, takePrefix, uniform, type Program, type RunningProgram } from '@vitrine/ml-tensor';
import { partsProgram, type AfterParts } from './accumulating-program.js';
import type { AdversarialTerm } from './train-step.js';
import { pixelSpec, STATE, type TrainingProgramOptions } from './training-program.js';

export type AdversarialFunction = 'accumulateAgainst' | 'ascend' | 'probabilities' | AfterParts;

/**
 * `probabilities` gives those of a part; `ascend` moves pixels by a step along the sign of the gradient of the cross-entropy
 * with the `targets`, back into the ball around the clean ones: `limits` are [ε, size of the step]. With targets that are the
 * clean probabilities its gradient is that of the divergence from them.
 * @param options `batchSize` is that of a part
 */
export function adversarialProgram(
  options: TrainingProgramOptions,
  term: AdversarialTerm,
): Program<AdversarialFunction> {
  const { config, batchSize } = options;
  const pixels = pixelSpec(config, batchSize);
  const program = partsProgram(options, { accumulateAgainst: { attacked: pixels } }, term);
  const classifier = (state: Readonly<Record<string, tf.Tensor>>) =>
    vitClassifier({ config, params: takePrefix(STATE.params, state) });
  return {
    ...program,
    functions: {
      ...program.functions,
      probabilities: {
        inputs: { pixels },
        compute: ({ state, inputs }) => ({
          outputs: { probabilities: tf.softmax(classifier(state)(inputs['pixels'] as tf.Tensor4D)) },
        }),
      },
      ascend: {
        inputs: {
          pixels,
          clean: pixels,
          targets: { dtype: 'float32', shape: [batchSize, config.classes] },
          limits: { dtype: 'float32', shape: [2] },
        },
        compute: ({ state, inputs }) => {
          const targets = () => inputs['targets'] as tf.Tensor2D;
          return { outputs: { pixels: ascentStep(classifier(state), ascentInputs(inputs), targets) } };
        },
      },
    },
  };
}

/** How adversarial images are found. */
export interface AdversarySettings extends AdversarialTerm {
  /** Budget in L∞, in pixels of [0, 1]. */
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
}

export interface AttackedPart {
  /** [B, C, S, S], in [0, 1]. */
  readonly pixels: Float32Array;
  readonly images: number;
  /** [B, K]: the distribution that the images belong to. `trades` does not look at it. */
  readonly targets: Float32Array;
  /** Names the random starts, with the place of the first image in its batch. */
  readonly key: { readonly seed: number; readonly step: number; readonly index: number };
}

/** Standard deviation of the start of TRADES, whose gradient vanishes at the clean images. */
const TRADES_START = 0.001;

/** Adversarial pixels for a part, against the weights as they are. */
export function findAdversarial(
  program: Pick<RunningProgram<'ascend' | 'probabilities'>, 'run'>,
  { pixels: clean, images, targets: given, key }: AttackedPart,
  { kind, epsilon, stepSize, steps }: AdversarySettings,
): Float32Array {
  const targets =
    kind === 'pgd'
      ? given
      : (program.run('probabilities', { pixels: clean })['probabilities']?.data as Float32Array);
  let pixels = startOf(clean, kind, { epsilon, images, key });
  const limits = Float32Array.of(epsilon, stepSize);
  for (let step = 0; step < steps; step++)
    pixels = program.run('ascend', { pixels, clean, targets, limits })['pixels']?.data as Float32Array;
  return pixels;
}

/** Anywhere in the ball for PGD; next to the clean pixels for TRADES. A start is a function of (seed, step, place in the batch). */
function startOf(
  clean: Float32Array,
  kind: AdversarialTerm['kind'],
  { epsilon, images, key }: { readonly epsilon: number; readonly images: number } & Pick<AttackedPart, 'key'>,
): Float32Array {
  const stride = clean.length / images;
  const start = clean.slice();
  for (let image = 0; image < images; image++) {
    const stream = { ...key, index: key.index + image, purpose: PURPOSE.adversarialStart };
    const moves =
      kind === 'trades'
        ? normal(stream, stride).map((draw) => TRADES_START * draw)
        : uniform(stream, stride).map((draw) => (2 * draw - 1) * epsilon);
    moves.forEach((move, at) => {
      const pixel = (clean[image * stride + at] ?? 0) + move;
      start[image * stride + at] = Math.min(Math.max(pixel, 0), 1);
    });
  }
  return start;
}
