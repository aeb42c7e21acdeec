import { z } from 'zod';
import { artifactRefSchema } from './artifact-ref.js';
import { errorViewSchema } from './error-view.js';
import { pointSchema } from './sweep-space.js';

/** Number of a trial in its sweep, from 0: its identity, whatever happens to it. */
const trial = z.int().min(0);
const at = z.iso.datetime();

/** Stages that trials computed, and those whose result they found or shared: those before a rung among them. */
export const stageCountsSchema = z.strictObject({ computed: z.int().min(0), found: z.int().min(0) });

/** What a rung came to. */
export const trialNewsSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('reported'),
    trial,
    /** The metric; null when it is not a number. */
    value: z.number().nullable(),
    deviceSeconds: z.number().min(0),
    /** Absent where nothing was run: in a simulation. */
    stages: stageCountsSchema.optional(),
    at,
  }),
  z.strictObject({
    type: z.literal('failed'),
    trial,
    error: errorViewSchema,
    deviceSeconds: z.number().min(0),
    at,
  }),
  /** Stopped before its end, with the sweep. */
  z.strictObject({ type: z.literal('interrupted'), trial, deviceSeconds: z.number().min(0), at }),
]);
export type TrialNews = z.infer<typeof trialNewsSchema>;

/** A stretch of a trial: with these values up to so much of the resource; 0 when the sweep has none. */
export const segmentSchema = z.strictObject({ point: pointSchema, until: z.int().min(0) });
export type Segment = z.infer<typeof segmentSchema>;

/** All that has been decided and heard in a sweep, in order. Everything else follows from it. */
export const sweepEventSchema = z.discriminatedUnion('type', [
  ...trialNewsSchema.options,
  z.strictObject({
    type: z.literal('started'),
    trial,
    /** Which point of the sampler's sequence it is. */
    draw: z.int().min(0),
    bracket: z.int().min(0),
    segment: segmentSchema,
    at,
  }),
  z.strictObject({
    type: z.literal('continued'),
    trial,
    /** The trial whose state and values it goes on from; itself when left out. */
    from: trial.optional(),
    segment: segmentSchema,
    at,
  }),
  z.strictObject({ type: z.literal('ended'), trial, reason: z.enum(['completed', 'stopped']), at }),
]);
export type SweepEvent = z.infer<typeof sweepEventSchema>;

/** One page of the log; pages name the one before them, so a sweep carries the name of the last. */
export const sweepPageSchema = z.strictObject({
  previous: artifactRefSchema.optional(),
  /** 0 for what one steering told; a page of the next level holds eight of this one. */
  level: z.int().min(0),
  events: z.array(sweepEventSchema),
});
export type SweepPage = z.infer<typeof sweepPageSchema>;
