import { z } from 'zod';
import { certifiedAccuracySchema } from './certify.js';
import { defineStage } from './define.js';
import { importSourceSchema } from './import-model.js';

export const importCertificatesStage = defineStage({
  kind: 'import-certificates',
  description:
    "Analyse certificates again: a table of locuslab/smoothing's columns, tab-separated or Parquet, becomes a certified-accuracy curve.",
  // As of `import-model`: the file may change under its name.
  cache: false,
  params: z.strictObject({
    ...importSourceSchema,
    /** Of the noise, where it is known; the tables do not say. */
    sigma: z.number().positive().max(100).optional(),
  }),
  inputs: {
    certificates: {
      type: 'certificates',
      arity: 'one',
      required: false,
      description: 'A tab-separated table made by another stage, instead of the parameter source.',
    },
    table: {
      type: 'table',
      arity: 'one',
      required: false,
      description: 'A Parquet table made by another stage, instead of the parameter source.',
    },
  },
  outputs: {
    certification: { type: 'certification', description: 'Every example, and the curve.' },
  },
  summary: z.strictObject({
    examples: z.int(),
    abstained: z.int(),
    /** Certified accuracy at these radii. */
    certified: z.array(certifiedAccuracySchema),
    sourceSha256: z.string(),
  }),
});
