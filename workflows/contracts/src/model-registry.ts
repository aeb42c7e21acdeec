import { z } from 'zod';
import { artifactRefSchema, sha256Schema } from './artifact-ref.js';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';

/** The output that a version of a model is. */
export const modelOriginSchema = z.strictObject({
  runId: runIdSchema,
  stage: stageNameSchema,
  output: z.string().min(1).max(100),
});
export type ModelOrigin = z.infer<typeof modelOriginSchema>;

/** How well a version did on held-out data when it was promoted. */
export const modelScoreSchema = z.strictObject({
  condition: z.string(),
  images: z.int().min(1),
  accuracy: z.number(),
  /** Wilson's 95 % interval. */
  low: z.number(),
  high: z.number(),
  datasetSha256: z.string(),
});
export type ModelScore = z.infer<typeof modelScoreSchema>;

/** Two models on the same images. */
export const modelComparisonSchema = z.strictObject({
  condition: z.string(),
  images: z.int().min(2),
  /** Accuracy of the candidate less that of the champion, with its 95 % interval over the images. */
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  /** Images that only one of the two answers right, and McNemar's exact test of them. */
  candidateOnly: z.int().min(0),
  championOnly: z.int().min(0),
  pValue: z.number().min(0).max(1),
});
export type ModelComparison = z.infer<typeof modelComparisonSchema>;

/** What a promotion rests on: predictions by digest, image by image, of a run whose record is stored. */
export const promotionEvidenceSchema = z.strictObject({
  runId: runIdSchema,
  candidateSha256: sha256Schema,
  championSha256: sha256Schema.optional(),
  comparison: modelComparisonSchema.optional(),
});

const by = z.string().min(1).max(200);
const why = z.string().max(1000).default('');
const versionNumber = z.int().min(1);

export const modelVersionSchema = z.strictObject({
  version: versionNumber,
  artifact: artifactRefSchema,
  from: modelOriginSchema,
  registeredAt: z.iso.datetime(),
  score: modelScoreSchema.optional(),
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** One change of the champion. Never removed: a rollback is one more. */
export const modelChangeSchema = z.strictObject({
  /** Of the request that made it: one that is sent again is one change. */
  id: z.string().min(1).max(200),
  action: z.enum(['promote', 'rollback']),
  /** The champion from then on. */
  version: versionNumber,
  at: z.iso.datetime(),
  /** Who did it, by their own word; `schedule/…` for one that did it by itself. */
  by,
  why,
  evidence: promotionEvidenceSchema.optional(),
});
export type ModelChange = z.infer<typeof modelChangeSchema>;

/** All that is known of a model. The last change says which version is its champion. */
export const registeredModelSchema = z.strictObject({
  format: z.literal(1),
  project: slugSchema,
  model: slugSchema,
  versions: z.array(modelVersionSchema).min(1),
  changes: z.array(modelChangeSchema).min(1),
});
export type RegisteredModel = z.infer<typeof registeredModelSchema>;

/** Makes a version the champion: one that is registered, or the output of a run, which is registered by this. */
export const promoteModelSchema = z
  .strictObject({
    version: versionNumber.optional(),
    from: modelOriginSchema.optional(),
    by,
    why,
  })
  .refine(({ version, from }) => (version === undefined) !== (from === undefined), {
    path: ['from'],
    message: 'expected either a version or the output of a run',
  });
export type PromoteModel = z.infer<typeof promoteModelSchema>;

/** Back to a version, or to the champion before this one. */
export const rollBackModelSchema = z.strictObject({ to: versionNumber.optional(), by, why });
export type RollBackModel = z.infer<typeof rollBackModelSchema>;

export const modelListSchema = z.strictObject({
  models: z.array(
    z.strictObject({
      project: slugSchema,
      model: slugSchema,
      champion: versionNumber,
      versions: z.int().min(1),
      changedAt: z.iso.datetime(),
      by,
    }),
  ),
});
export type ModelList = z.infer<typeof modelListSchema>;
