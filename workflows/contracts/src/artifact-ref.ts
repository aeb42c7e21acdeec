import { z } from 'zod';

/** What an artifact is; the planner refuses an input wired to an output of another type. */
export const ARTIFACT_TYPES = {
  model: 'application/vnd.safetensors',
  /** By timm's or Hugging Face's names, without a word about the architecture. */
  weights: 'application/vnd.safetensors',
  /** A U-Net with its diffusion, by the names of improved-diffusion. */
  denoiser: 'application/vnd.safetensors',
  noise: 'application/vnd.safetensors',
  /** What noises do to the outputs of one model. */
  influence: 'application/json',
  /** Gates of Vision DiffMask for one model. */
  gates: 'application/vnd.safetensors',
  /** Maps of images by several methods, with their scores. */
  explanations: 'application/vnd.safetensors',
  history: 'application/x-ndjson',
  evaluation: 'application/json',
  predictions: 'application/vnd.safetensors',
  certification: 'application/json',
  /** Stability and faithfulness of attention. */
  faithfulness: 'application/json',
  certificates: 'text/tab-separated-values',
  table: 'application/vnd.apache.parquet',
  picture: 'image/png',
  report: 'text/html',
  checkpoint: 'application/vnd.safetensors',
  document: 'application/json',
  /** Any bytes: nothing is known of them but what their media type says. */
  file: 'application/octet-stream',
  /** What the elements of a stage gave: references to artifacts of one type, in order. */
  list: 'application/vnd.vitrine.list+json',
  /** A folder, packed so that equal contents give equal bytes. */
  folder: 'application/x-tar',
} as const;

/** What files of each type are called after the dot. */
export const ARTIFACT_EXTENSIONS = {
  model: 'safetensors',
  weights: 'safetensors',
  denoiser: 'safetensors',
  noise: 'safetensors',
  influence: 'json',
  gates: 'safetensors',
  explanations: 'safetensors',
  history: 'ndjson',
  evaluation: 'json',
  predictions: 'safetensors',
  certification: 'json',
  faithfulness: 'json',
  certificates: 'tsv',
  table: 'parquet',
  picture: 'png',
  report: 'html',
  checkpoint: 'safetensors',
  document: 'json',
  file: 'bin',
  list: 'json',
  folder: 'tar',
} as const satisfies Record<keyof typeof ARTIFACT_TYPES, string>;

export type ArtifactType = keyof typeof ARTIFACT_TYPES;

export const artifactTypeSchema = z.enum(Object.keys(ARTIFACT_TYPES) as [ArtifactType, ...ArtifactType[]]);

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** A reference to immutable bytes in the artifact store. The only form in which tensors and files appear in payloads. */
export const artifactRefSchema = z.strictObject({
  type: artifactTypeSchema,
  /** `s3://bucket/key` of the object. */
  uri: z.string().min(1),
  sha256: sha256Schema,
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
});

export type ArtifactRef = z.infer<typeof artifactRefSchema>;
