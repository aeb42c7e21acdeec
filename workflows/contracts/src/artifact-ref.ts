import { z } from 'zod';

/** What an artifact is; the planner refuses an input wired to an output of another type. */
export const ARTIFACT_TYPES = {
  model: 'application/vnd.safetensors',
  noise: 'application/vnd.safetensors',
  history: 'application/x-ndjson',
  evaluation: 'application/json',
  predictions: 'application/vnd.safetensors',
  report: 'text/html',
  checkpoint: 'application/vnd.safetensors',
  document: 'application/json',
} as const;

export type ArtifactType = keyof typeof ARTIFACT_TYPES;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** A reference to immutable bytes in the artifact store. The only form in which tensors and files appear in payloads. */
export const artifactRefSchema = z.strictObject({
  type: z.enum(Object.keys(ARTIFACT_TYPES) as [ArtifactType, ...ArtifactType[]]),
  /** `s3://bucket/key` of the object. */
  uri: z.string().min(1),
  sha256: sha256Schema,
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
});

export type ArtifactRef = z.infer<typeof artifactRefSchema>;
