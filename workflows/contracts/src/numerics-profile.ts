import { z } from 'zod';

/**
 * What byte-identity depends on. Equal seed, data, code and profile give equal bytes; it is fixed when a stage first starts,
 * stored in every checkpoint, and a worker with another profile refuses to resume.
 */
export const numericsProfileSchema = z.strictObject({
  /** Version and digest of libtensorflow. */
  build: z.string(),
  /** Processor or GPU model with the instruction sets that choose kernels. */
  device: z.string(),
  threads: z.int().min(1).max(1024),
  /**
   * Of matrix products; everything else is float32, and so are weights and optimizer. float16 is that of products in training
   * steps whose loss is scaled; other products stay float32.
   */
  precision: z.enum(['float32', 'bfloat16', 'float16']),
  /** Each function recorded once and run as one graph, or operation by operation. */
  execution: z.enum(['captured', 'eager']),
  /** Over how many devices each batch was spread; absent for one, and for kinds that use one whatever they are given. */
  devices: z.int().min(2).max(64).optional(),
});

/** What is chosen of a profile; the rest is what the machine is. */
export const numericsChoiceSchema = numericsProfileSchema.pick({
  threads: true,
  precision: true,
  execution: true,
});

export type NumericsProfile = z.infer<typeof numericsProfileSchema>;
export type NumericsChoice = z.infer<typeof numericsChoiceSchema>;
