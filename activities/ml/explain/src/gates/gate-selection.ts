import type { StateDict } from '@vitrine/ml-tensor';

/** What the masks of a step do: what they keep, and the divergence in nats. */
export interface JudgedGates {
  readonly step: number;
  readonly kept: number;
  readonly divergence: number;
}

/** Kept shares that differ by less are equal. */
const RESOLUTION = 0.01;

function isBetter(found: JudgedGates, best: JudgedGates): boolean {
  if (Math.abs(found.kept - best.kept) >= RESOLUTION) return found.kept < best.kept;
  return found.divergence < best.divergence;
}

/**
 * The gates of the judged steps that keep least while their masks stay within the tolerance; of those that keep equally little,
 * those that diverge least. The multiplier swings about its level, so the last step is no better than any other of its swing;
 * the released code leaves the choice among its checkpoints to people.
 */
export class GateSelection {
  constructor(
    private readonly tolerance: number,
    private chosen?: { readonly judged: JudgedGates; readonly gates: StateDict },
  ) {}

  /** @param gates asked for when they are the best so far */
  consider(judged: JudgedGates, gates: () => StateDict): void {
    if (!(judged.divergence <= this.tolerance)) return;
    if (this.chosen && !isBetter(judged, this.chosen.judged)) return;
    this.chosen = { judged, gates: gates() };
  }

  /** Undefined while no gates were within the tolerance. */
  get best(): { readonly judged: JudgedGates; readonly gates: StateDict } | undefined {
    return this.chosen;
  }
}
