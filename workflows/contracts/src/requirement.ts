import { z } from 'zod';
import { stageNameSchema } from './ids.js';

const value = z.union([z.number(), z.string(), z.boolean()]);

const COMPARISONS = ['equals', 'differsFrom', 'atLeast', 'above', 'atMost', 'below'] as const;

/** What a stage demands of the summary of an earlier one. */
export const requirementSchema = z
  .strictObject({
    stage: stageNameSchema,
    /** Of its summary, with dots: `testAccuracy`, `conditions.0.accuracy`. */
    field: z
      .string()
      .regex(/^\w+(\.\w+)*$/, 'expected a field of the summary, such as conditions.0.accuracy'),
    equals: value.optional(),
    differsFrom: value.optional(),
    atLeast: z.number().optional(),
    above: z.number().optional(),
    atMost: z.number().optional(),
    below: z.number().optional(),
  })
  .refine(
    (requirement) => COMPARISONS.some((name) => requirement[name] !== undefined),
    `expected a comparison: one of ${COMPARISONS.join(', ')}`,
  );

export type Requirement = z.infer<typeof requirementSchema>;
