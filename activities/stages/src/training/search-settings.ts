import { VitrineError } from '@vitrine/contracts';
import { imageBatch, pixelsPerImage, stepsPerEpoch, type Images } from '@vitrine/ml-data';
import {
  passesBudget,
  SYNTHESIS_RECIPES,
  type HeldOutBatch,
  type SynthesisSettings,
} from '@vitrine/ml-nullspace';
import type { NoiseSearchPlan } from './noise-search.js';

export interface SearchMaterials {
  readonly settings: SynthesisSettings;
  /** The images whose batches the search sees. */
  readonly seen: Images;
  /** Those that it is only tested on; none unless the stop asks for them. */
  readonly heldOut: Images;
}

/**
 * The settings with their recipe filled in and their budget in steps, and the images on both sides of the test.
 * @throws VitrineError InvalidSpec when a fraction of a pass is less than a batch
 */
export function resolveSearch(plan: NoiseSearchPlan): SearchMaterials {
  const { recipe, scope, heldOutImages, rounds, ...given } = plan.settings;
  const defaults = SYNTHESIS_RECIPES[recipe];
  const settings: SynthesisSettings = {
    ...given,
    weightDecay: given.weightDecay ?? defaults.weightDecay,
    stopOn: given.stopOn ?? defaults.stopOn,
    schedule: given.schedule ?? defaults.schedule,
  };
  const { set } = plan.images;
  const apart =
    settings.stopOn === 'held-out' ? Math.min(heldOutImages, Math.max(1, Math.floor(set.count / 4))) : 0;
  const seen = part(set, 0, set.count - apart);
  const heldOut = part(set, set.count - apart, apart);
  if (rounds === undefined || scope === 'batch') return { settings, seen, heldOut };
  const batches = stepsPerEpoch({ set: seen, batchSize: plan.batchSize });
  const budget = passesBudget({ rounds, fraction: settings.fraction, batches });
  if (budget === 0)
    throw new VitrineError('InvalidSpec', 'A pass of the search has no step.', {
      where: 'params.synthesis.fraction',
      expected: `at least 1/${batches}, one of the ${batches} batches of a pass`,
      actual: `${settings.fraction}`,
    });
  return { settings: { ...settings, maxSteps: Math.min(budget, settings.maxSteps) }, seen, heldOut };
}

function part(set: Images, first: number, count: number): Images {
  const stride = pixelsPerImage(set);
  return {
    ...set,
    count,
    pixels: set.pixels.subarray(first * stride, (first + count) * stride),
    labels: set.labels.subarray(first, first + count),
  };
}

/** The held-out images as they are, in batches filled up with zeros that do not count. */
export function* heldOutBatches(
  { heldOut }: Pick<SearchMaterials, 'heldOut'>,
  batchSize: number,
): Generator<HeldOutBatch> {
  for (let first = 0; first < heldOut.count; first += batchSize) {
    const count = Math.min(batchSize, heldOut.count - first);
    const { pixels } = imageBatch(heldOut, first, { count, size: batchSize });
    yield {
      pixels,
      weights: new Float32Array(batchSize).fill(1, 0, count),
    };
  }
}
