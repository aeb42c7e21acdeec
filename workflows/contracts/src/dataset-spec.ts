import { z } from 'zod';

/** `cifar10` is the official binary release; `cifar10-sample` is the part of it that ships with the project. */
export const datasetNameSchema = z.enum(['cifar10-sample', 'cifar10']);
export type DatasetName = z.infer<typeof datasetNameSchema>;

export const trainDataSchema = z.strictObject({
  dataset: datasetNameSchema.default('cifar10-sample'),
  /** Use only the first so many training images; all when left out. */
  limit: z.int().min(1).optional(),
});

export const testDataSchema = z.strictObject({
  dataset: datasetNameSchema.default('cifar10-sample'),
  /** Use only the first so many test images; all when left out. */
  limit: z.int().min(1).optional(),
});
