import { faithfulnessSchema } from '@vitrine/contracts';
import type { z } from 'zod';
import type { StageContext } from '../stage-context.js';
import type { JudgedImage } from './attention-judge.js';
import { figuresOf } from './figures.js';

type Faithfulness = z.infer<typeof faithfulnessSchema>;

/** What the judgement of attention comes to, from its images: what the stage says, and what `vitrine verify` holds it to. */
export function faithfulnessOf(
  { params, inputs }: Pick<StageContext<'judge-attention'>, 'params' | 'inputs'>,
  { dataset, datasetSha256 }: Pick<Faithfulness, 'dataset' | 'datasetSha256'>,
  images: readonly JudgedImage[],
): Faithfulness {
  const { sigma, draws, k, epsilon, steps } = params;
  return faithfulnessSchema.parse({
    ...{ dataset, datasetSha256 },
    modelSha256: inputs.model.sha256,
    ...(inputs.denoiser && { denoiserSha256: inputs.denoiser.sha256 }),
    ...{ sigma, draws, k, epsilon, steps },
    images,
    figures: figuresOf(images),
  });
}
