import { conditionSchema, VitrineError, type Condition } from '@vitrine/contracts';
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '@vitrine/ml-tensor';
import { z } from 'zod';

/** What a model said under every condition, with the labels that it is judged by. */
export interface Predictions {
  readonly conditions: readonly Condition[];
  /** [B, K] each. */
  readonly logits: readonly Float32Array[];
  /** L2 norms [B] of what each condition did to the pixels; none in artifacts of earlier versions. */
  readonly distances: readonly Float32Array[];
  readonly classes: number;
  readonly labels: readonly number[];
  readonly datasetSha256: string;
}

const metadataSchema = z.object({
  conditions: z.array(conditionSchema),
  labels: z.array(z.int()),
  datasetSha256: z.string(),
});

const nameOf = ({ kind }: Condition, pass: number): string => `${pass}.${kind}`;
const distanceOf = (condition: Condition, pass: number): string => `${nameOf(condition, pass)}.distance`;

export function encodePredictions({
  conditions,
  logits,
  distances,
  classes,
  labels,
  datasetSha256,
}: Predictions): Uint8Array {
  const named = conditions.map((condition, i): [string, HostTensor] => {
    const data = logits[i] as Float32Array;
    return [nameOf(condition, i), { dtype: 'float32', shape: [data.length / classes, classes], data }];
  });
  const changes = conditions.flatMap((condition, i): [string, HostTensor][] => {
    const data = distances[i];
    return data ? [[distanceOf(condition, i), { dtype: 'float32', shape: [data.length], data }]] : [];
  });
  return encodeSafetensors(Object.fromEntries([...named, ...changes]), {
    conditions: JSON.stringify(conditions),
    labels: JSON.stringify(labels),
    datasetSha256,
  });
}

/** @throws VitrineError ArtifactCorrupt when the file is none of predictions; SafetensorsError */
export function decodePredictions(content: Uint8Array, where: string): Predictions {
  const { state, metadata } = decodeSafetensors(content);
  const json = (name: string): unknown => JSON.parse(metadata[name] ?? 'null');
  const facts = metadataSchema.safeParse({
    conditions: json('conditions'),
    labels: json('labels'),
    datasetSha256: metadata['datasetSha256'],
  });
  const tensors = facts.success
    ? facts.data.conditions.map((condition, i) => state[nameOf(condition, i)])
    : [];
  const shape = tensors[0]?.shape;
  if (!facts.success || !shape || tensors.some((tensor) => tensor === undefined))
    throw new VitrineError('ArtifactCorrupt', 'The predictions cannot be read.', {
      where,
      expected: 'logits of every condition, with labels, as the stage evaluate writes them',
      actual: facts.success ? `${Object.keys(state).length} arrays` : (facts.error.issues[0]?.message ?? ''),
    });
  const logits = tensors.map((tensor) => (tensor as HostTensor).data as Float32Array);
  const distances = facts.data.conditions.flatMap((condition, i) => {
    const found = state[distanceOf(condition, i)];
    return found ? [found.data as Float32Array] : [];
  });
  return { ...facts.data, logits, distances, classes: shape[1] ?? 0 };
}
