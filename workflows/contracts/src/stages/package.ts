import { z } from 'zod';
import { artifactTypeSchema, sha256Schema } from '../artifact-ref.js';
import { slugSchema } from '../ids.js';
import { packagedNameSchema } from '../packaged-name.js';
import { defineStage } from './define.js';

const portNameSchema = z
  .string()
  .regex(/^[a-zA-Z]\w{0,62}$/, 'expected a letter, then letters, digits and underscores');

/** Ports as a package declares them. */
export const packagePortsSchema = z.strictObject({
  inputs: z.record(
    portNameSchema,
    z.strictObject({
      type: artifactTypeSchema,
      arity: z.literal('one').default('one'),
      required: z.boolean().default(true),
      description: z.string().default(''),
    }),
  ),
  outputs: z.record(
    portNameSchema,
    z.strictObject({ type: artifactTypeSchema, description: z.string().default('') }),
  ),
});

export const packageStage = defineStage({
  kind: 'package',
  description:
    'Run a stage that an npm package brings, one of those that `packages` of the configuration names. What it takes and gives, the package says.',
  // What it depends on besides its own files is no part of its key.
  cache: false,
  params: z.strictObject({
    uses: packagedNameSchema,
    /** Its own parameters, checked by the package's own schema. */
    with: z.record(z.string(), z.unknown()).default({}),
    /** Written by the API when the run is submitted. */
    resolved: packagePortsSchema
      .extend({
        stage: slugSchema,
        /** Digest of the package's files: a worker with others refuses. */
        sha256: sha256Schema,
      })
      .optional(),
  }),
  inputs: ({ resolved }) => resolved?.inputs,
  outputs: ({ resolved }) => resolved?.outputs,
  /** What the package's stage says of itself. */
  summary: z.record(z.string(), z.unknown()),
});
