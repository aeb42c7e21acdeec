import { z } from 'zod';

/** `cifar10` is the official binary release; `cifar10-sample` is the part of it that ships with the project. */
export const builtInDatasetSchema = z.enum(['cifar10-sample', 'cifar10']);
export type BuiltInDataset = z.infer<typeof builtInDatasetSchema>;

/** Made by a rule instead of read: `counting` is the grids of coloured cells whose red ones are counted. */
export const generatedDatasetSchema = z.enum(['counting']);

/**
 * Test sets for classifiers of CIFAR-10 in their authors' files of NumPy, below the data folder: `cifar10.1` in `cifar10.1/`, and one
 * severity of one corruption of `CIFAR-10-C/`, such as `cifar10-c:fog:3`.
 */
export const shiftedDatasetSchema = z.string().regex(/^(cifar10\.1|cifar10-c:[a-z_]+:[1-5])$/);

/** One of ours, or `<package>/<data set>`, behind which the API writes the digest of the package when a run is submitted. */
export const datasetNameSchema = z.union(
  [
    builtInDatasetSchema,
    generatedDatasetSchema,
    shiftedDatasetSchema,
    z.string().regex(/^[^\s/][^\s]*\/[a-z0-9]+(-[a-z0-9]+)*(@sha256:[0-9a-f]{64})?$/),
  ],
  'expected cifar10-sample, cifar10, cifar10.1, cifar10-c:CORRUPTION:SEVERITY, counting, or a package, a slash, one of its data sets',
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
