import { modelFactsSchema, packagePortsSchema } from '@vitrine/contracts';
import { z } from 'zod';

/** What validates a stage's parameters, whichever version of whichever library made it: https://standardschema.dev. */
export interface ParamsSchema {
  readonly '~standard': {
    readonly validate: (value: unknown) => ValidationResult | Promise<ValidationResult>;
  };
}

type ValidationResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[];
    };

const nameSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words and dashes');

const functionSchema = z.custom<(context: unknown) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);

const paramsSchema = z.custom<ParamsSchema>(
  (value) => typeof (value as ParamsSchema | undefined)?.['~standard']?.validate === 'function',
  'expected a schema with the Standard Schema interface, such as one of zod',
);

/** What a package reads of a data set for one split. */
export const imagesSchema = z.strictObject({
  /** Pixels along one side. */
  size: z.int().min(1).max(4096),
  channels: z.int().min(1).max(4),
  classNames: z.array(z.string()).min(2).max(65_536),
  /** count × channels × size × size bytes from 0 to 255, channels first. */
  pixels: z.instanceof(Uint8Array, {
    error: ({ input }) =>
      `expected a Uint8Array of bytes from 0 to 255, as 255 · x rounded makes of numbers x from 0 to 1, got ${Object.prototype.toString.call(input).slice(8, -1)}`,
  }),
  /** Index of the class of each image. */
  labels: z.union(
    [z.instanceof(Uint8Array), z.instanceof(Uint16Array)],
    'expected a Uint8Array or Uint16Array',
  ),
  /** count × size × size bytes, 1 where the object is: explanations are scored by it. */
  regions: z.instanceof(Uint8Array).optional(),
});

/** An architecture with its parameters filled in, as a package describes it. */
export const architectureSchema = modelFactsSchema.extend({
  /** Shape of each array of float32 weights, by name. */
  weights: z.record(z.string().min(1), z.array(z.int().min(1)).max(6)),
  /**
   * Gets `tf` (TensorFlow.js), `weights` (tensors by name) and `pixels` [B, C, S, S] in [0, 1]; gives logits [B, K]. A pure
   * function of operations that have a gradient: attacks take it by the pixels.
   */
  logits: functionSchema,
});

/** What a package exports as `vitrine`. `interface` is raised when a package written for the one before could break. */
export const stagePackageSchema = z.strictObject({
  interface: z.literal(1),
  stages: z
    .record(
      nameSchema,
      packagePortsSchema.extend({
        description: z.string(),
        params: paramsSchema,
        /** Gets the context that every stage gets; gives `outputs` and `summary`. */
        run: functionSchema,
      }),
    )
    .default({}),
  models: z
    .record(
      nameSchema,
      z.strictObject({
        description: z.string(),
        params: paramsSchema,
        /** Gets the checked parameters; gives `architectureSchema`. */
        architecture: functionSchema,
      }),
    )
    .default({}),
  datasets: z
    .record(
      nameSchema,
      z.strictObject({
        description: z.string(),
        /** Gets `split` (train or test) and `dataDir`, a folder to keep downloads in; gives `imagesSchema`. */
        load: functionSchema,
      }),
    )
    .default({}),
});

export type StagePackage = z.infer<typeof stagePackageSchema>;
