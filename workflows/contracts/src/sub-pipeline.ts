import { z } from 'zod';
import { artifactTypeSchema } from './artifact-ref.js';
import { forEachSchema } from './for-each.js';
import { outputReferenceSchema, slugSchema } from './ids.js';

/** What the value of a parameter may be. */
export const PARAMETER_TYPES = ['number', 'integer', 'string', 'boolean'] as const;

/** A value that whoever runs or uses the pipeline may give. */
const parameterSchema = z.strictObject({
  type: z.enum(PARAMETER_TYPES).optional(),
  default: z.unknown().optional(),
  description: z.string().max(1000).optional(),
});

const nameSchema = z
  .string()
  .regex(/^[a-zA-Z]\w{0,62}$/, 'expected a letter, then letters, digits and underscores');

/** What of a pipeline is looked at before its stages are, where it is used as a stage. Its own seed and project are the outer one's. */
export const innerPipelineSchema = z.looseObject({
  parameters: z.record(nameSchema, parameterSchema).default({}),
  inputs: z
    .record(nameSchema, z.strictObject({ type: artifactTypeSchema, required: z.boolean().default(true) }))
    .default({}),
  outputs: z.record(nameSchema, outputReferenceSchema).default({}),
  stages: z.record(slugSchema, z.looseObject({})),
});
export type InnerPipeline = z.infer<typeof innerPipelineSchema>;

/** A stage that is a pipeline: its stages become stages of this one, named `outer/inner`. */
export const subPipelineSchema = z.strictObject({
  kind: z.literal('pipeline'),
  /** The pipeline itself. In a file, `use` may name another file instead, which the command line puts here. */
  pipeline: innerPipelineSchema,
  /** Values of its parameters. */
  parameters: z.record(nameSchema, z.unknown()).default({}),
  /** By the inputs that it declares. */
  inputs: z.record(nameSchema, outputReferenceSchema).default({}),
  /** Demands that each of its stages makes. */
  when: z.array(z.unknown()).default([]),
  /** One element of each of its stages for every item of a list; `params` names its parameters. */
  forEach: forEachSchema.optional(),
});
