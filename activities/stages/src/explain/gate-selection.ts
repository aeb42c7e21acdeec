import type { ImageSet } from '@vitrine/datasets';
import { type GateTrainer, GATE_STATE } from '@vitrine/ml-explain';
import { addPrefix, takePrefix, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { scoreMasks } from './mask-figures.js';

/** What was found of the gates that are kept so far. */
export const selectedGatesSchema = z.strictObject({
  step: z.int(),
  kept: z.number(),
  divergence: z.number(),
});
export type SelectedGates = z.infer<typeof selectedGatesSchema>;

/** The first so many training images choose: test images are for the last word alone, and have no say before. */
const IMAGES = 1000;
/** Kept shares that differ by less are equal. */
const RESOLUTION = 0.01;
const PREFIX = 'selected';

/**
 * The gates of the evaluated steps that keep least while their masks stay within the tolerance; of those that keep equally
 * little, those that diverge least. The multiplier swings about its level, so the last step is as good as any other of its swing;
 * the released code leaves the choice among its checkpoints to people.
 */
export class GateSelection {
  private constructor(
    private readonly tolerance: number,
    private best: SelectedGates | undefined,
    private gates: StateDict,
  ) {}

  static start(tolerance: number): GateSelection {
    return new GateSelection(tolerance, undefined, {});
  }

  static restore(tolerance: number, best: SelectedGates | undefined, arrays: StateDict): GateSelection {
    return new GateSelection(tolerance, best, takePrefix(PREFIX, arrays));
  }

  /** What a checkpoint needs of it. */
  arrays(): StateDict {
    return addPrefix(PREFIX, this.gates);
  }

  get selected(): SelectedGates | undefined {
    return this.best;
  }

  /** Judges the gates as they are now by training images. */
  async consider(
    trainer: GateTrainer,
    train: ImageSet,
    how: { readonly batchSize: number; readonly onChunk: (images: number) => Promise<void> },
  ): Promise<void> {
    const count = Math.min(train.count, IMAGES);
    const { kept, divergence } = await scoreMasks(trainer.program, train, { count, ...how });
    if (!(divergence <= this.tolerance)) return;
    if (this.best && !isBetter({ kept, divergence }, this.best)) return;
    this.best = { step: trainer.step, kept, divergence };
    this.gates = trainer.gates();
  }

  /** Puts the chosen gates in the place of the last ones, where there are any. */
  apply(trainer: GateTrainer): void {
    if (this.best) trainer.program.writeState(addPrefix(GATE_STATE.trained, this.gates));
  }
}

function isBetter(
  found: Pick<SelectedGates, 'kept' | 'divergence'>,
  best: Pick<SelectedGates, 'kept' | 'divergence'>,
): boolean {
  if (Math.abs(found.kept - best.kept) >= RESOLUTION) return found.kept < best.kept;
  return found.divergence < best.divergence;
}
