import { z } from 'zod';
import { denoiserSpecSchema } from '../denoiser-spec.js';
import { defineStage } from './define.js';
import { importSourceSchema } from './import-model.js';

export const importDenoiserStage = defineStage({
  kind: 'import-denoiser',
  description:
    'Bring own denoiser: a safetensors file under the names of improved-diffusion or guided-diffusion.',
  // As of `import-model`: the file may change under its name.
  cache: false,
  params: z.strictObject({ model: denoiserSpecSchema.prefault({}), ...importSourceSchema }),
  inputs: {
    weights: {
      type: 'weights',
      arity: 'one',
      required: false,
      description: 'The file, made by another stage; instead of the parameter source.',
    },
  },
  outputs: {
    denoiser: { type: 'denoiser', description: 'The weights with their architecture and diffusion.' },
  },
  summary: z.strictObject({ parameters: z.int(), weightsSha256: z.string(), sourceSha256: z.string() }),
});
