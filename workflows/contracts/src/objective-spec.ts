import { z } from 'zod';

/**
 * What is known to differ between the released code of the method and what it is meant to do. `as-released`: pixels are
 * normalised with ImageNet's statistics whatever the model was trained with, AdamW pulls the noise towards zero (0.01), a
 * search stops at the first batch within the tolerance, and a round takes one step more than `stepsPerRound`. `corrected`: the
 * model's own statistics, no pull, a stop on held-out images, as many steps as said.
 */
export const recipeSchema = z.enum(['corrected', 'as-released']);

const budget = z.number().positive().max(1);

const adversaryFields = {
  /** Budget in L∞, in pixels of [0, 1]. */
  epsilon: budget.default(8 / 255),
  stepSize: budget.default(2 / 255),
  steps: z.int().min(1).max(1000).default(10),
  /** β, the weight of the adversarial term. */
  weight: z.number().positive().max(1000).default(1),
};

/** What finetuning minimises beside the cross-entropy on clean images. */
export const objectiveSchema = z.discriminatedUnion('kind', [
  /** Nothing: the control. */
  z.strictObject({ kind: z.literal('plain') }),
  /** The cross-entropy under a noise of the encoder's approximate null space, synthesized anew in every round. */
  z.strictObject({ kind: z.literal('nullspace-noise') }),
  /** The same under Gaussian noise that is shrunk until it meets the same tolerance. */
  z.strictObject({ kind: z.literal('random-noise') }),
  /** The cross-entropy on images that PGD finds (Madry et al., ICLR 2018). */
  z.strictObject({ kind: z.literal('pgd'), ...adversaryFields }),
  /** The divergence of the probabilities on attacked images from those on clean ones (TRADES: Zhang et al., ICML 2019). */
  z.strictObject({ kind: z.literal('trades'), ...adversaryFields }),
]);

/** Which parameters learn; the others keep their values. */
export const trainableSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  /** Class token, positions, blocks and final LayerNorm. */
  z.strictObject({ kind: z.literal('encoder') }),
  z.strictObject({ kind: z.literal('head') }),
  z.strictObject({ kind: z.literal('without-patch-embedding') }),
  /** The last so many blocks, the final LayerNorm and the head. */
  z.strictObject({ kind: z.literal('last-blocks'), blocks: z.int().min(1).max(64) }),
  /** Gains and offsets of all LayerNorms. */
  z.strictObject({ kind: z.literal('norms') }),
]);
