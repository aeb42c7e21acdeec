import { encoderNoiseFactsSchema } from '@vitrine/contracts';
import { sizeOfShape, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeDescribed, encodeDescribed, type DescribedArrays } from '../described-arrays.js';
import { noiseFactsSchema } from '../noise-artifact.js';

const partSchema = z.strictObject({
  noises: z.array(encoderNoiseFactsSchema),
  /** The rows of the history as text. */
  history: z.string(),
  /** Of the model and its pixel noise: once, with the first of the noises. */
  facts: noiseFactsSchema.optional(),
});

/** Some of the independent noises of a stage: `encoderNoise` [m, N, D] and `start`; with the first of them all other arrays of the artifact. */
export type NoisePart = DescribedArrays<z.infer<typeof partSchema>>;

const DESCRIPTION = {
  content: 'noise-part',
  schema: partSchema,
  name: 'chunk of noises',
  expected: 'noises and their history as a chunk of the stage nullspace-noise writes them',
} as const;

export const encodeNoisePart = (part: NoisePart): Uint8Array => encodeDescribed(DESCRIPTION, part);

/** @throws VitrineError ArtifactCorrupt when the bytes are no chunk of noises */
export const decodeNoisePart = (bytes: Uint8Array, where: string): NoisePart =>
  decodeDescribed(bytes, where, DESCRIPTION);

/** Of every name the arrays one after the other along their first axis. */
export function inSequence(names: readonly string[], states: readonly StateDict[]): StateDict {
  return Object.fromEntries(
    names.map((name) => [name, sequenceOf(states.flatMap(({ [name]: array }) => array ?? []))]),
  );
}

function sequenceOf(arrays: readonly HostTensor[]): HostTensor {
  const [, ...rest] = arrays[0]?.shape ?? [];
  const rows = arrays.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = new Float32Array(sizeOfShape([rows, ...rest]));
  let at = 0;
  for (const array of arrays) {
    data.set(array.data as Float32Array, at);
    at += array.data.length;
  }
  return { dtype: 'float32', shape: [rows, ...rest], data };
}
