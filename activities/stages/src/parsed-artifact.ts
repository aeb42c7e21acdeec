import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  certificationSchema,
  evaluationSchema,
  faithfulnessSchema,
  influenceSchema,
  VitrineError,
  type ArtifactRef,
} from '@vitrine/contracts';
import type { z } from 'zod';

interface DocumentKind<S extends z.ZodType> {
  readonly schema: S;
  /** For people: `The <what> cannot be read.` */
  readonly what: string;
  /** Whose it is. */
  readonly stage: string;
}

/** Documents of stages that others read. */
export const DOCUMENTS = {
  evaluation: { schema: evaluationSchema, what: 'evaluation', stage: 'evaluate' },
  influence: { schema: influenceSchema, what: 'study of noises', stage: 'noise-influence' },
  certification: { schema: certificationSchema, what: 'certification', stage: 'certify' },
  faithfulness: { schema: faithfulnessSchema, what: 'judgement of attention', stage: 'judge-attention' },
} as const;

/** @throws VitrineError ArtifactCorrupt when it is not what the stage writes, and as the store does */
export async function parsedArtifact<S extends z.ZodType>(
  artifacts: Pick<ArtifactStore, 'get'>,
  ref: ArtifactRef,
  { schema, what, stage }: DocumentKind<S>,
): Promise<z.infer<S>> {
  const text = new TextDecoder().decode(await artifacts.get(ref));
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', `The ${what} cannot be read.`, {
      where: ref.uri,
      expected: `what the stage ${stage} writes`,
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}
