/** What a synthesis can be told, the two recipes, and the rates of a step. */
import { adamwRates } from '@vitrine/ml-optim';
import type { Distance } from './distances.js';

export type SynthesisLoss = 'logits-sq' | 'logits-l2' | 'features-sq' | 'features-l2';
export type SynthesisCriterion = 'probs-sq' | 'logits-sq' | 'logits-l2';

export interface SynthesisSettings {
  /** `learned` descends; `random`, its control, starts at N(0, 1) and only shrinks, by 0.8 a step. */
  readonly mode: 'learned' | 'random';
  /**
   * Where `learned` starts: U(−limit, limit) per entry, the embedding of an image of ones, or the mean embedding of 10,000
   * images of U(−2, 2).
   */
  readonly init: 'uniform' | 'ones-image' | 'mean-image';
  /** Half the width of the uniform start. */
  readonly limit: number;
  readonly optimizer: 'adamw' | 'gradient-descent';
  readonly learningRate: number;
  readonly weightDecay: number;
  /** `steps` divides the rate by ten at 30, 60 and 80 % of the budget. */
  readonly schedule: 'cosine' | 'constant' | 'steps';
  /** The cosine reaches 0 after `maxSteps / fraction` updates. */
  readonly fraction: number;
  readonly loss: SynthesisLoss;
  /** λ of the term −λ log‖δ‖, which makes the noise grow. */
  readonly logBarrier: number;
  /** What is compared with ε. */
  readonly criterion: SynthesisCriterion;
  /** On one batch, on the mean of the last `window`, on held-out images after every `window` updates, or never. */
  readonly stopOn: 'batch' | 'average' | 'held-out' | 'never';
  readonly window: number;
  readonly epsilon: number;
  readonly maxSteps: number;
}

/**
 * What differs between the released code and a synthesis whose tolerance means what it says: weight decay moves the noise
 * into the set by shrinking alone, and the minimum over many batches is below the tolerance before the mean is.
 */
export const SYNTHESIS_RECIPES = {
  'as-released': { weightDecay: 0.01, stopOn: 'batch', schedule: 'cosine' },
  corrected: { weightDecay: 0, stopOn: 'held-out', schedule: 'constant' },
} as const satisfies Record<string, Partial<SynthesisSettings>>;
export type SynthesisRecipe = keyof typeof SYNTHESIS_RECIPES;

/** Everything that has one natural value; what a recipe decides is as released. */
export const SYNTHESIS_DEFAULTS = {
  mode: 'learned',
  init: 'uniform',
  limit: 3,
  optimizer: 'adamw',
  learningRate: 0.1,
  fraction: 0.1,
  loss: 'logits-sq',
  logBarrier: 0,
  criterion: 'probs-sq',
  window: 8,
  epsilon: 0.03,
  maxSteps: 200,
  ...SYNTHESIS_RECIPES['as-released'],
} as const satisfies SynthesisSettings;

/**
 * Updates of `rounds` passes over a set of so many batches of which each uses a fraction, as the reference counts them.
 * @returns 0 when the fraction of a pass is less than one batch
 */
export const passesBudget = (passes: {
  readonly rounds: number;
  readonly fraction: number;
  readonly batches: number;
}): number => passes.rounds * Math.floor(passes.fraction * passes.batches);

export const BETA_1 = 0.9;
export const BETA_2 = 0.999;

/** The distance that a name stands for, and of which outputs. */
export const distanceOf = (name: SynthesisLoss | SynthesisCriterion): Distance =>
  name === 'probs-sq' ? name : name.endsWith('-l2') ? 'l2' : 'sq';

/** What a step takes from the number of updates done: step size, ε of AdamW, decay. */
export function synthesisRates(settings: SynthesisSettings, step: number): Float32Array {
  const learningRate = scheduledRate(settings, step);
  const { weightDecay } = settings;
  if (settings.optimizer === 'adamw')
    return adamwRates({ step: step + 1, learningRate, beta1: BETA_1, beta2: BETA_2, weightDecay });
  return Float32Array.of(learningRate, 0, 1 - learningRate * weightDecay);
}

const DROPS = [0.3, 0.6, 0.8];

function scheduledRate(
  { schedule, learningRate, maxSteps, fraction }: SynthesisSettings,
  step: number,
): number {
  if (schedule === 'constant') return learningRate;
  if (schedule === 'steps')
    return learningRate / 10 ** DROPS.filter((drop) => step >= drop * maxSteps).length;
  // T_max of the reference counts whole passes of which it uses a fraction.
  const progress = Math.min(1, (step * fraction) / maxSteps);
  return (learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
}
