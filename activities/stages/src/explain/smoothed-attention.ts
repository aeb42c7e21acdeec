/**
 * Attention of the class token as a mean over draws of noise, behind a denoiser where there is one. Paper: Hu et al.,
 * "Improving Interpretation Faithfulness for Vision Transformers", ICML 2024, whose attention is smoothed by a diffusion model.
 */
import { denoiserSpecs, noiseSchedule } from '@vitrine/ml-diffusion';
import type { Explainer, HostBatch } from '@vitrine/ml-explain';
import {
  Drawer,
  SMOOTHING_STATE,
  smoothedAttention,
  smoothingProgram,
  type SmoothingFunction,
} from '@vitrine/ml-smoothing';
import { addPrefix, type RunningProgram } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import { smoothedModel } from '../certification/smoothed-program.js';
import type { ExplainerPlan } from './explainers.js';

/** The noise of an image is a function of its number and the seed, whatever batch it is in. */
export class SmoothedAttention implements Explainer {
  readonly name = 'smoothedAttention';
  private readonly program: RunningProgram<SmoothingFunction>;
  private readonly drawer: Drawer;

  /** @throws NoiseRangeError when the denoiser's diffusion does not hold sigma */
  constructor(private readonly plan: ExplainerPlan) {
    const { context, model, denoiser } = plan;
    const { smoothing, batchSize: batch } = context.params;
    const { channels, imageSize } = model.spec;
    this.program = context.executor.start(
      smoothingProgram({
        model: smoothedModel({ model, denoiser }),
        weights: {
          ...addPrefix(SMOOTHING_STATE.classifier, parameterSpecs(model.spec)),
          ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiserSpecs(denoiser.spec))),
        },
        noisyShape: [batch, channels, imageSize, imageSize],
      }),
    );
    this.program.writeState({
      ...addPrefix(SMOOTHING_STATE.classifier, model.weights),
      ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiser.weights)),
    });
    const schedule = denoiser && noiseSchedule(denoiser.spec.diffusion);
    this.drawer = new Drawer(this.program, {
      ...{ sigma: smoothing.sigma, seed: context.seed, batch },
      ...(schedule && { diffusion: { schedule, mode: smoothing.denoising } }),
    });
  }

  *explain({ pixels, targets, first = 0, count = targets.length }: HostBatch): Generator<void, Float32Array> {
    const { model, context } = this.plan;
    const N = (model.spec.imageSize / model.spec.patchSize) ** 2;
    const length = pixels.length / targets.length;
    const maps = new Float32Array(targets.length * N);
    const range = { first: 0, count: context.params.smoothing.draws, k: 1 };
    for (let i = 0; i < count; i++) {
      const image = { index: first + i, pixels: pixels.subarray(i * length, (i + 1) * length) };
      const { mean } = yield* smoothedAttention(this.drawer, image, range);
      maps.set(mean, i * N);
    }
    return maps;
  }

  dispose(): void {
    this.program.dispose();
  }
}
