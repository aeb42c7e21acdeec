import { z } from 'zod';
import { outputReferenceSchema } from './ids.js';

/** A list that is made while a run is open has at most so many elements. */
export const MOST_ELEMENTS = 20_000;
/** A list that stands in the pipeline itself travels in every payload of the run. */
export const MOST_WRITTEN_ELEMENTS = 1000;
/** Of one element, as JSON. What is larger is an artifact, and the element its name. */
export const MOST_ITEM_BYTES = 4096;

const parameterPathSchema = z
  .string()
  .regex(/^\w+(\.\w+)*$/, 'expected a parameter by its path, such as conditions.0.epsilon');

const itemPathSchema = z
  .string()
  .regex(/^item(\.\w+)*$/, 'expected item, or a field of it such as item.epsilon');

/** Makes a stage many: one element for every item of a list. */
export const forEachSchema = z.strictObject({
  /** An output of an earlier stage that holds a JSON array, or the list that a fan-out collected. */
  over: outputReferenceSchema.optional(),
  /** The list itself, instead. */
  items: z
    .array(
      z
        .unknown()
        .refine(
          (item) => (JSON.stringify(item) ?? '').length <= MOST_ITEM_BYTES,
          `expected at most ${MOST_ITEM_BYTES} characters of JSON, got more`,
        ),
    )
    .min(1)
    .max(
      MOST_WRITTEN_ELEMENTS,
      `expected at most ${MOST_WRITTEN_ELEMENTS} items here, got more; let a stage make the list, and name it in over`,
    )
    .optional(),
  /** What of the item becomes which parameter: `conditions.0.epsilon: item`. */
  params: z.record(parameterPathSchema, itemPathSchema).default({}),
  /** Elements that are under way at a time. */
  maxParallel: z.int().min(1).max(500).default(100),
  /** Share of the elements that must succeed for the stage to succeed. */
  minSuccessRatio: z.number().min(0).max(1).default(1),
  /** All elements draw the same random numbers, for comparisons in pairs. Else each has a seed of its own. */
  sameSeed: z.boolean().default(false),
  /**
   * Ports that take many read their lists element by element too, instead of all that is listed; and an element that something
   * is missing for counts as one that did not succeed. So it is within a pipeline that is made many.
   */
  byElement: z.boolean().default(false),
});
export type ForEach = z.infer<typeof forEachSchema>;

/** The summary of a stage that was made many, whatever its kind. */
export const fanOutSummarySchema = z.strictObject({
  elements: z.int(),
  succeeded: z.int(),
  failed: z.int(),
});
