import {
  explanationAgreementSchema,
  explanationScoresSchema,
  gateSettingsSchema,
  VitrineError,
  vitSpecSchema,
} from '@vitrine/contracts';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { fromMlError } from '../ml-errors.js';

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
export interface ExplanationsArtifact {
  readonly arrays: StateDict;
  readonly meta: z.infer<typeof metaSchema>;
}

export function encodeExplanations({ arrays, meta }: ExplanationsArtifact): Uint8Array {
  return encodeSafetensors(arrays, { content: 'explanations', meta: JSON.stringify(meta) });
}

/** @throws VitrineError ArtifactCorrupt when the bytes are no explanations */
export function decodeExplanations(bytes: Uint8Array, where: string): ExplanationsArtifact {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    return { arrays: state, meta: metaSchema.parse(JSON.parse(metadata['meta'] ?? '{}')) };
  } catch (cause) {
    const error = fromMlError(cause, where);
    if (error instanceof VitrineError) throw error;
    throw new VitrineError('ArtifactCorrupt', 'The explanations cannot be read.', {
      where: `${where}, metadata.meta`,
      expected: 'maps and scores as the stage explain writes them',
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}
