/**
 * How much of the attention's top stays under attack, with and without smoothing: V_k of Hu et al. 2024. The attack is PGD in
 * L∞ on the classifier itself, as in their protocol; it knows nothing of the noise.
 */
import type { StageParams } from '@vitrine/contracts';
import { attackProgram, pgdSteps, vitClassifier, type AttackFunction } from '@vitrine/ml-attacks';
import { classAttention, logits } from '@vitrine/ml-nn';
import {
  Drawer,
  SMOOTHING_STATE,
  smoothedAttention,
  smoothingProgram,
  topKOverlap,
  type DrawnImage,
  type SmoothingFunction,
} from '@vitrine/ml-smoothing';
import { addPrefix, type ProgramExecutor, type RunningProgram } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import type { ModelArtifact } from '../model-artifact.js';

export interface ProbePlan {
  readonly executor: ProgramExecutor;
  readonly model: ModelArtifact;
  readonly params: StageParams<'certify'>;
  readonly seed: number;
}

export interface Stability {
  readonly plain: number;
  readonly smoothed: number;
}

export class StabilityProbe {
  private readonly attack: RunningProgram<AttackFunction>;
  private readonly bare: RunningProgram<SmoothingFunction>;
  private readonly bareDrawer: Drawer;

  /** @param drawer of the smoothed model */
  constructor(
    private readonly plan: ProbePlan,
    private readonly drawer: Drawer,
  ) {
    const { executor, model, seed } = plan;
    const { spec: config, weights } = model;
    const pixelShape = [1, config.channels, config.imageSize, config.imageSize] as const;
    const specs = parameterSpecs(config);
    this.attack = executor.start(
      attackProgram({
        weights: specs,
        classifier: (params) => vitClassifier({ config, params }),
        pixelShape,
      }),
    );
    this.attack.writeState(weights);
    this.bare = executor.start(
      smoothingProgram({
        model: {
          classify: (params, pixels) => logits({ config, params, frozen: true }, pixels),
          look: (params, pixels) => {
            const { logits_BK, attention_BN } = classAttention({ config, params, frozen: true }, pixels);
            return { logits_DK: logits_BK, attention_DN: attention_BN };
          },
        },
        weights: addPrefix(SMOOTHING_STATE.classifier, specs),
        noisyShape: [...pixelShape],
      }),
    );
    this.bare.writeState(addPrefix(SMOOTHING_STATE.classifier, weights));
    this.bareDrawer = new Drawer(this.bare, { sigma: 0, seed, batch: 1 });
  }

  /** Yields after every step of the attack and every batch of draws. The draws are the same before and after the attack. */
  *measure(image: DrawnImage, label: number): Generator<void, Stability, void> {
    const { params, seed } = this.plan;
    const { stability, attention } = params;
    if (!stability || !attention) return { plain: 1, smoothed: 1 };
    const { epsilon, steps } = stability;
    const pixels = yield* pgdSteps(
      this.attack,
      { pixels: image.pixels, labels: Int32Array.of(label) },
      { epsilon, stepSize: epsilon / 5, steps, restarts: 1, seed, index: image.index },
    );
    const attacked = { index: image.index, pixels };
    const { k, draws } = attention;
    const first = params.selection + params.draws;
    const maps = function* (
      drawer: Drawer,
      count: number,
    ): Generator<void, [Float32Array, Float32Array], void> {
      const before = yield* smoothedAttention(drawer, image, { first, count, k });
      const after = yield* smoothedAttention(drawer, attacked, { first, count, k });
      return [before.mean, after.mean];
    };
    return {
      plain: topKOverlap(yield* maps(this.bareDrawer, 1), k),
      smoothed: topKOverlap(yield* maps(this.drawer, draws), k),
    };
  }

  dispose(): void {
    this.attack.dispose();
    this.bare.dispose();
  }
}
