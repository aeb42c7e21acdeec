import { z } from 'zod';
import { packagedArchitectureSchema, vitSpecSchema } from '../model-spec.js';
import { defineStage } from './define.js';

/** Where the weights come from, for every stage that imports some. */
export const importSourceSchema = {
  /** Path of the safetensors file on the worker's machine, instead of the input; a relative one would depend on where the worker was started. */
  source: z
    .string()
    .regex(/^(\/|[a-z0-9]+:\/\/)/, 'expected an absolute path')
    .optional(),
  /** Refused when the file has another digest; recorded in any case. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};

/** As it is when the field is left out. */
const DEFAULT_MODEL = JSON.stringify(vitSpecSchema.parse({}));

export const importModelStage = defineStage({
  kind: 'import-model',
  description: 'Bring own weights: a safetensors file with timm or Hugging Face names.',
  // The file may change under its name. Its weights have a digest, so what comes after is found all the same.
  cache: false,
  params: z
    .strictObject({
      model: vitSpecSchema.prefault({}),
      /** Instead of a ViT: an architecture that a package brings. Stages of kind evaluate judge it. */
      architecture: packagedArchitectureSchema.optional(),
      ...importSourceSchema,
    })
    .refine(({ model, architecture }) => !architecture || JSON.stringify(model) === DEFAULT_MODEL, {
      path: ['model'],
      message: 'expected none beside architecture',
    }),
  inputs: {
    weights: {
      type: 'weights',
      arity: 'one',
      required: false,
      description: 'The file, made by another stage; instead of the parameter source.',
    },
  },
  outputs: { model: { type: 'model', description: "The weights in timm's layout, or in the package's." } },
  summary: z.strictObject({ parameters: z.int(), weightsSha256: z.string(), sourceSha256: z.string() }),
});
