import type { RunOptions, submitQuerySchema } from '@vitrine/contracts';
import type { z } from 'zod';

export type SubmitQuery = z.infer<typeof submitQuerySchema>;

/** A pipeline as the document describes it, for bodies that may come as YAML. */
export const PIPELINE = { $ref: '#/components/schemas/PipelineSpec' };

export function optionsOf({ cache, force }: SubmitQuery): RunOptions {
  return { cache: cache === 'on', force: [force].flat() };
}
