/** The choices of Vision DiffMask. Where paper and released code disagree, or the code is thought wrong, each side has a name. */
import type { LookaheadSettings } from '@vitrine/ml-optim';

export interface GateSettings {
  /** U, hidden units of a gate. */
  readonly hidden: number;
  /** mul: how far a vote reaches. */
  readonly stretch: number;
  /** Learned vector, or zeros, in place of a masked patch. */
  readonly placeholder: 'learned' | 'zeros';
  /** m, in nats. */
  readonly tolerance: number;
  /** Gates that vote in a step: all, or 0 … k with k drawn for the batch. */
  readonly prefix: 'random' | 'all';
  /** A multiplier for each depth k, or one. */
  readonly multipliers: 'per-depth' | 'shared';
  /** The released code lowers the multiplier where the constraint is broken. */
  readonly multiplierUpdate: 'ascent' | 'descent-as-released';
  /** One pass for both updates, or another with fresh draws for the multiplier. */
  readonly passes: 'shared' | 'separate-as-released';
  /** Mean of log P(z > 0) as the code, or of P(z > 0), the expected L0 norm, as the paper. */
  readonly penalty: 'log-probability' | 'probability';
  /** Whether the class token, whose gate has no effect, counts in the mean. */
  readonly penaliseClass: boolean;
  /** Cut logits as PyTorch's sampler does. */
  readonly clampLogits: boolean;
  readonly multiplierMax: number;
  readonly optimizer: LookaheadSettings;
}

/** Hidden units of the released gates: a quarter of the width. */
export const defaultHidden = (width: number): number => Math.max(1, Math.floor(width / 4));

/** Lookahead(Adam) of the released code. */
export const releasedOptimizer: LookaheadSettings = {
  ...{ base: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ every: 6, slowStep: 0.5, slowStart: 'at-first-sync' },
};
