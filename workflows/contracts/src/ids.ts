import { z } from 'zod';

/** Names that appear in addresses, keys and labels: lower-case words joined by single dashes. */
export const slugSchema = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'expected lower-case letters, digits and single dashes, such as my-stage-1',
  );

/** `<pipeline>-<UTC time>-<random>`; sorts by time within a pipeline, and says nothing secret. */
export const runIdSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a run id as printed by `vitrine runs`');

/** Key of the counter-based generator. Unsigned 32 bits, so that it survives JSON and every language. */
export const seedSchema = z.int().min(0).max(0xffff_ffff);
