import { z } from 'zod';

/** How a training step trades time for memory. Absent: a step keeps all it computes, of all images at once. */
export const stepMemoryFields = {
  /** Images whose activations are in memory at a time; the gradient is summed over the parts. Divides `batchSize`. */
  microBatch: z.int().min(1).max(8192).optional(),
  /** `blocks`: activations inside the transformer's blocks are computed again for the gradient instead of kept. */
  recompute: z.enum(['blocks']).optional(),
};

interface StepSize {
  readonly batchSize: number;
  readonly microBatch?: number | undefined;
}

/** Why a batch cannot be spread over so many devices; undefined when it can. */
export function sharesProblem({ batchSize, microBatch }: StepSize, devices: number): string | undefined {
  if (devices === 1) return undefined;
  const share = batchSize / devices;
  if (!Number.isInteger(share)) return `expected a divisor of batchSize ${batchSize}, got ${devices}`;
  if (microBatch === undefined || microBatch >= share || share % microBatch === 0) return undefined;
  return `expected shares of the batch that microBatch ${microBatch} divides, got ${devices} devices with ${share} images each`;
}

/** For the parameters of a stage that has these fields. */
export function checkMicroBatch({ batchSize, microBatch }: StepSize, context: z.RefinementCtx): void {
  if (microBatch === undefined || batchSize % microBatch === 0) return;
  context.addIssue({
    code: 'custom',
    path: ['microBatch'],
    message: `expected a divisor of batchSize ${batchSize}, got ${microBatch}`,
  });
}
