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
  threads: z.int().min(1),
  precision: z.enum(['float32']),
  execution: z.enum(['eager']),
});

export type NumericsProfile = z.infer<typeof numericsProfileSchema>;
