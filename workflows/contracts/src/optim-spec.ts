import { z } from 'zod';

/** AdamW (Loshchilov & Hutter 2019) with linear warm-up and cosine decay to `minLearningRate`. */
export const optimizerSchema = z.strictObject({
  learningRate: z.number().positive().max(10).default(1e-3),
  minLearningRate: z.number().nonnegative().default(1e-5),
  warmupSteps: z.int().nonnegative().default(0),
  weightDecay: z.number().nonnegative().max(1).default(0.05),
  beta1: z.number().min(0).max(0.9999).default(0.9),
  beta2: z.number().min(0).max(0.99999).default(0.999),
});

export const checkpointPolicySchema = z.strictObject({
  /** A checkpoint after every so many optimizer steps, and one at the end. */
  everySteps: z.int().min(1).default(50),
});
