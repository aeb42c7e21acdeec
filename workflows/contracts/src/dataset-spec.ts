import { z } from 'zod';

/** `cifar10` is the official binary release; `cifar10-sample` is the part of it that ships with the project. */
export const builtInDatasetSchema = z.enum(['cifar10-sample', 'cifar10']);
export type BuiltInDataset = z.infer<typeof builtInDatasetSchema>;

/** Made by a rule instead of read: `counting` is the grids of coloured cells whose red ones are counted. */
export const generatedDatasetSchema = z.enum(['counting']);

/** One of ours, or `<package>/<data set>`, behind which the API writes the digest of the package when a run is submitted. */
export const datasetNameSchema = z.union(
  [
    builtInDatasetSchema,
    generatedDatasetSchema,
    z.string().regex(/^[^\s/][^\s]*\/[a-z0-9]+(-[a-z0-9]+)*(@sha256:[0-9a-f]{64})?$/),
  ],
  'expected cifar10-sample, cifar10, counting, or a package, a slash, one of its data sets',
);
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
