import {
  explanationAgreementSchema,
  explanationScoresSchema,
  gateSettingsSchema,
  vitSpecSchema,
} from '@vitrine/contracts';
import { z } from 'zod';
import { decodeDescribed, encodeDescribed, type DescribedArrays } from '../described-arrays.js';

const metaSchema = z.strictObject({
  model: vitSpecSchema,
  modelSha256: z.string(),
  dataset: z.string(),
  classNames: z.array(z.string()),
  /** Methods in the order of their columns. */
  methods: z.array(z.string()),
  scores: z.array(explanationScoresSchema),
  /** Of curves by whole patches: at most so many. */
  curveShares: z.int(),
  agreement: z.array(explanationAgreementSchema),
  /** What the examples are called, of pictures without labels. */
  names: z.array(z.string()).optional(),
  /** How the gates of each label were trained. */
  gates: z.record(z.string(), gateSettingsSchema),
});

/**
 * `maps.<method>` [images, N]; `curves.<method>` [images, …] as `CURVES` lays them out; `randomised.<method>` [images], the
 * rank correlation with maps of random weights; `masks.<label>` [images, 5] as `mask-figures.ts` does; `votes.<label>`
 * [G, E, N] with log P(z > 0) of each gate; `targets` and `confidence` [images]; `regions` [images, N] where known; and of the
 * examples `examples.pixels` [E, C, S, S] and `examples.labels` [E].
 */
export type ExplanationsArtifact = DescribedArrays<z.infer<typeof metaSchema>>;

const DESCRIPTION = {
  content: 'explanations',
  schema: metaSchema,
  name: 'explanations',
  expected: 'maps and scores as the stage explain writes them',
} as const;

export const encodeExplanations = (artifact: ExplanationsArtifact): Uint8Array =>
  encodeDescribed(DESCRIPTION, artifact);

/** @throws VitrineError ArtifactCorrupt when the bytes are no explanations */
export const decodeExplanations = (bytes: Uint8Array, where: string): ExplanationsArtifact =>
  decodeDescribed(bytes, where, DESCRIPTION);
