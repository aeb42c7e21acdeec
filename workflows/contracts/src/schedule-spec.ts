import { z } from 'zod';
import { cronProblem } from './cron.js';
import { datasetNameSchema } from './dataset-spec.js';
import { outputReferenceSchema, slugSchema, stagePathSchema } from './ids.js';
import { DEFAULT_PROJECT } from './names.js';
import { pipelineSpecSchema } from './pipeline-spec.js';
import { refuseBadRetrain } from './retrain-stages.js';

const cronSchema = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const message = cronProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const zoneSchema = z
  .string()
  .refine(
    isTimeZone,
    'expected a time zone of the IANA database, such as Europe/Berlin, America/New_York or UTC',
  );

/** When it starts something: at the times of a clock on a wall, or every so often. */
export const scheduleTimesSchema = z
  .strictObject({
    /** Five fields: minute, hour, day of month, month, day of week. Several: at the times of each. */
    cron: z.union([cronSchema, z.array(cronSchema).min(1).max(20)]).optional(),
    /**
     * Of the cron. What the clock there leaves out when it is put forward does not come. About the hour that it shows twice when it is put
     * back, Temporal leaves times out in zones east of Greenwich: what must not be missed then is given in UTC.
     */
    timeZone: zoneSchema.default('UTC'),
    everySeconds: z
      .int()
      .min(1)
      .max(366 * 86_400)
      .optional(),
    /** Of the first of `everySeconds` after the start of 1970. */
    offsetSeconds: z.int().min(0).default(0),
    /** Not before; ISO 8601 with a zone. */
    from: z.iso.datetime({ offset: true }).optional(),
    /** Not after. */
    until: z.iso.datetime({ offset: true }).optional(),
    /** Each start is put off by a random time up to this, so that not all begin at the same moment. */
    jitterSeconds: z.int().min(0).max(86_400).default(0),
  })
  .superRefine(({ cron, timeZone, everySeconds, offsetSeconds, from, until }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((cron === undefined) === (everySeconds === undefined))
      refuse('cron', `expected either cron or everySeconds, got ${cron === undefined ? 'none' : 'both'}`);
    if (everySeconds !== undefined && timeZone !== 'UTC')
      refuse('timeZone', 'expected none beside everySeconds, which knows no clock');
    if (offsetSeconds > 0 && offsetSeconds >= (everySeconds ?? 0))
      refuse('offsetSeconds', `expected less than everySeconds, got ${offsetSeconds}`);
    if (from !== undefined && until !== undefined && Date.parse(from) > Date.parse(until))
      refuse('until', `expected a time after from ${from}, got ${until}: it never fires`);
  });
export type ScheduleTimes = z.infer<typeof scheduleTimesSchema>;

/** What is to be new for a start. */
export const newDataSchema = z.discriminatedUnion('of', [
  /** A split of a data set, as stages read it. */
  z.strictObject({
    of: z.literal('dataset'),
    dataset: datasetNameSchema,
    split: z.enum(['train', 'test']).default('train'),
  }),
  /** What the newest run of a pipeline that succeeded has made. */
  z.strictObject({
    of: z.literal('output'),
    pipeline: slugSchema,
    output: outputReferenceSchema,
  }),
]);
export type NewData = z.infer<typeof newDataSchema>;

/** How a candidate is held against the champion. */
export const promotionRuleSchema = z.strictObject({
  /** Of the conditions of the stage `judge`, from 0. */
  condition: z.int().min(0).default(0),
  /** By how much of the accuracy the candidate must be better, at the low end of the 95 % interval. */
  margin: z.number().min(0).max(1).default(0),
  /** Of McNemar's test. */
  significance: z.number().positive().max(1).default(0.05),
});
export type PromotionRule = z.infer<typeof promotionRuleSchema>;

const retrainSchema = z
  .strictObject({
    kind: z.literal('retrain'),
    /** As the registry calls it. */
    model: slugSchema,
    /** Trains the candidate. */
    pipeline: pipelineSpecSchema,
    /** The stage of kind evaluate that judges the candidate on held-out data; the champion is judged by the same. */
    judge: stagePathSchema,
    promote: promotionRuleSchema.prefault({}),
  })
  .superRefine(refuseBadRetrain);

export const scheduleStartSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pipeline'), pipeline: pipelineSpecSchema }),
  retrainSchema,
]);
export type ScheduleStart = z.infer<typeof scheduleStartSchema>;
export type RetrainStart = Extract<ScheduleStart, { kind: 'retrain' }>;

/** What becomes of a start whose time comes while an earlier one of the schedule runs. */
export const overlapSchema = z.enum([
  /** It is left out. */
  'skip',
  /** One waits, further ones are left out. */
  'buffer-one',
  /** All wait, and run one after another. */
  'buffer-all',
  /** The one that runs is cancelled; its stages store a checkpoint. */
  'cancel-other',
  /** They run beside each other. */
  'allow-all',
]);
export type Overlap = z.infer<typeof overlapSchema>;

export const scheduleSpecSchema = z.strictObject({
  version: z.literal(1),
  /** Its runs are named after it. */
  name: slugSchema,
  project: slugSchema.default(DEFAULT_PROJECT),
  description: z.string().max(1000).default(''),
  times: scheduleTimesSchema,
  overlap: overlapSchema.default('skip'),
  /** How late a start may be after an outage of the server; what would be later is left out, and counted as missed. */
  catchUpSeconds: z
    .int()
    .min(10)
    .max(366 * 86_400)
    .default(600),
  /** Starts only what has something new; it is looked for at the times of the schedule. */
  newData: newDataSchema.optional(),
  start: scheduleStartSchema,
});
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are no zones: they know no summer time, and Temporal does not take them.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
