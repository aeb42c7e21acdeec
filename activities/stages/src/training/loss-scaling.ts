import type { NumericsProfile } from '@vitrine/contracts';
import type { StateDict } from '@vitrine/ml-tensor';
import { INITIAL_LOSS_SCALE, nextLossScale, type LossScale } from '@vitrine/ml-training';

/** Of a checkpoint: the logarithm of the scale to base 2, the good steps since it changed, the steps dropped in all. */
const ENTRY = 'loss-scale/state';

/** The scale of a training's loss from step to step: 1 for ever, unless its products are in float16. */
export class LossScaling {
  private constructor(private state: LossScale | undefined) {}

  static start({ precision }: Pick<NumericsProfile, 'precision'>): LossScaling {
    return new LossScaling(precision === 'float16' ? INITIAL_LOSS_SCALE : undefined);
  }

  /** A training that comes from other numerics has no scale yet, and starts with the first. */
  static restore(profile: Pick<NumericsProfile, 'precision'>, arrays: StateDict): LossScaling {
    const fresh = LossScaling.start(profile);
    const [exponent, goodSteps, dropped] = arrays[ENTRY]?.data ?? [];
    if (!fresh.state || exponent === undefined || goodSteps === undefined || dropped === undefined)
      return fresh;
    return new LossScaling({ scale: 2 ** exponent, goodSteps, dropped });
  }

  get scale(): number {
    return this.state?.scale ?? 1;
  }

  /** Steps that were dropped: the optimizer has not seen them. */
  get dropped(): number {
    return this.state?.dropped ?? 0;
  }

  /** Takes note of a step; whether its overflow is one that a smaller scale may mend. */
  saw(finite: boolean): { readonly mended: boolean } {
    if (!this.state) return { mended: false };
    const next = nextLossScale(this.state, finite);
    if (!next) return { mended: false };
    this.state = next;
    return { mended: !finite };
  }

  /** For a checkpoint; nothing while no loss is scaled. */
  arrays(): StateDict {
    if (!this.state) return {};
    const { scale, goodSteps, dropped } = this.state;
    return {
      [ENTRY]: { dtype: 'int32', shape: [3], data: Int32Array.of(Math.log2(scale), goodSteps, dropped) },
    };
  }
}
