/**
 * AutoAttack in L∞, version standard: Croce & Hein, ICML 2020, section 6: APGD on the cross-entropy, APGD on the targeted ratio, FAB
 * targeted, Square, in this order, each on what the ones before have left; with the settings of RobustBench (Croce et al., NeurIPS
 * 2021): 100 steps and one start each, nine targets, 5000 queries.
 */
import { apgdCrossEntropy, apgdTargeted } from './apgd.js';
import type { AttackedModel, HostBatch } from './attack-program.js';
import { fabTargeted } from './fab.js';
import { square, type SquareOptions } from './square.js';
import { Standing } from './standing.js';

export const STANDARD_ATTACKS = ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const;
export type StandardAttack = (typeof STANDARD_ATTACKS)[number];

export interface StandardOptions extends SquareOptions {
  /** Of APGD and FAB. */
  readonly steps: number;
  readonly restarts: number;
  /** Most classes that APGD-T and FAB-T aim at. */
  readonly targets: number;
  /** In their order. */
  readonly attacks: readonly StandardAttack[];
}

/**
 * Yields after every pass of the model. For each image pixels within ε that are wrong if any of the attacks found some, else its
 * clean ones: so what is right in the end is right under all of them.
 */
export function* standardAttackSteps(
  model: AttackedModel,
  batch: HostBatch,
  { attacks, ...options }: StandardOptions,
): Generator<void, Float32Array, void> {
  const standing = Standing.of(model, batch);
  yield;
  for (const attack of attacks) yield* RUN[attack](model, standing, options);
  return standing.pixels;
}

type Run = (
  model: AttackedModel,
  standing: Standing,
  options: Omit<StandardOptions, 'attacks'>,
) => Generator<void, void, void>;

const RUN: Readonly<Record<StandardAttack, Run>> = {
  'apgd-ce': apgdCrossEntropy,
  'apgd-t': apgdTargeted,
  'fab-t': fabTargeted,
  square,
};
