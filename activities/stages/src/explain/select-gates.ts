import type { ImageSet } from '@vitrine/datasets';
import { GATE_STATE, GateSelection, type GateTrainer } from '@vitrine/ml-explain';
import { addPrefix, takePrefix, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { scoreMasks } from './mask-figures.js';

export const judgedGatesSchema = z.strictObject({
  step: z.int(),
  kept: z.number(),
  divergence: z.number(),
});

/** The first so many training images choose: test images are for the last word alone. */
const IMAGES = 1000;
const PREFIX = 'selected';

/** What a checkpoint needs of the choice. */
export const selectionArrays = ({ best }: GateSelection): StateDict =>
  best ? addPrefix(PREFIX, best.gates) : {};

export function restoreSelection(
  tolerance: number,
  judged: z.infer<typeof judgedGatesSchema> | undefined,
  arrays: StateDict,
): GateSelection {
  return new GateSelection(tolerance, judged && { judged, gates: takePrefix(PREFIX, arrays) });
}

/** Judges the gates as they are now by training images. */
export async function considerGates(
  selection: GateSelection,
  { trainer, train }: { readonly trainer: GateTrainer; readonly train: ImageSet },
  how: { readonly batchSize: number; readonly onChunk: (images: number) => Promise<void> },
): Promise<void> {
  const count = Math.min(train.count, IMAGES);
  const { kept, divergence } = await scoreMasks(trainer.program, train, { count, ...how });
  selection.consider({ step: trainer.step, kept, divergence }, () => trainer.gates());
}

/** Puts the chosen gates in the place of the last ones, where there are any. */
export function applySelection({ best }: GateSelection, trainer: GateTrainer): void {
  if (best) trainer.program.writeState(addPrefix(GATE_STATE.trained, best.gates));
}
