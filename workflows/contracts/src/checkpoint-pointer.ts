import { z } from 'zod';
import { artifactRefSchema } from './artifact-ref.js';
import { numericsProfileSchema } from './numerics-profile.js';

/**
 * The one mutable object of a stage. A start raises `epoch` by a conditional write; every later write is conditional
 * on the ETag this writer left, so that a superseded writer cannot move it.
 */
export const checkpointPointerSchema = z.strictObject({
  format: z.literal(1),
  epoch: z.int().min(1),
  /** Null until the first checkpoint. */
  checkpoint: z
    .strictObject({ step: z.int().min(0), artifact: artifactRefSchema, profile: numericsProfileSchema })
    .nullable(),
  /** Who owns this epoch, for people: host and process. */
  owner: z.string(),
});

export type CheckpointPointer = z.infer<typeof checkpointPointerSchema>;
