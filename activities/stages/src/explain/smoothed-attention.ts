/**
 * Attention of the class token as a mean over draws of noise, behind a denoiser where there is one. Paper: Hu et al.,
 * "Improving Interpretation Faithfulness for Vision Transformers", ICML 2024, whose attention is smoothed by a diffusion model.
 */
import type { Explainer, HostBatch } from '@vitrine/ml-explain';
import { smoothedAttention } from '@vitrine/ml-smoothing';
import { startSmoothing, type StartedSmoothing } from '../certification/smoothed-program.js';
import type { ExplainerPlan } from './explainers.js';

/** The noise of an image is a function of its number and the seed, whatever batch it is in. */
export class SmoothedAttention implements Explainer {
  readonly name = 'smoothedAttention';
  private readonly smoothing: StartedSmoothing;

  /** @throws NoiseRangeError when the denoiser's diffusion does not hold sigma */
  constructor(private readonly plan: ExplainerPlan) {
    const { context, model, denoiser } = plan;
    const { smoothing, batchSize: batch } = context.params;
    this.smoothing = startSmoothing({
      ...{ executor: context.executor, seed: context.seed, model, denoiser, batch },
      ...{ sigma: smoothing.sigma, denoising: smoothing.denoising, attacked: false },
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
      const { mean } = yield* smoothedAttention(this.smoothing.drawer, image, range);
      maps.set(mean, i * N);
    }
    return maps;
  }

  dispose(): void {
    this.smoothing.program.dispose();
  }
}
