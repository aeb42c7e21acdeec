import { z } from 'zod';

/** Names that appear in addresses, keys and labels: lower-case words joined by single dashes. */
export const slugSchema = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'expected lower-case letters, digits and single dashes, such as my-stage-1',
  );

const SLUG = '[a-z0-9]+(-[a-z0-9]+)*';

/** Name of a stage in its pipeline; one that a sub-pipeline brought is named after both: `outer/inner`. */
export const stagePathSchema = z
  .string()
  .max(250)
  .regex(
    new RegExp(`^${SLUG}(/${SLUG})*$`),
    'expected lower-case letters, digits and single dashes, such as my-stage-1',
  );

/** Name of a stage, or of a part of it: `sweep.17` is element 17 of a fan-out, or chunk 17 of what is cut into chunks. */
export const stageNameSchema = z
  .string()
  .max(300)
  .regex(
    new RegExp(`^${SLUG}(/${SLUG})*(\\.(\\d+|plan))*$`),
    'expected the name of a stage, such as my-stage-1',
  );

/** `<stage>.<output>`: the output of another stage of the same pipeline. */
export const outputReferenceSchema = z
  .string()
  .regex(
    new RegExp(`^${SLUG}(/${SLUG})*\\.[a-zA-Z]\\w*$`),
    'expected a reference such as train.model: a stage, a dot, one of its outputs',
  );

/** `<pipeline>-<UTC time>-<random>`; sorts by time within a pipeline, and says nothing secret. */
export const runIdSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a run id as printed by `vitrine runs`');

/** Key of the counter-based generator. Unsigned 32 bits, so that it survives JSON and every language. */
export const seedSchema = z.int().min(0).max(0xffff_ffff);
