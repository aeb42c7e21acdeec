import * as tf from '@tensorflow/tfjs-core';
import type { ArtifactRef } from '@vitrine/contracts';
import { vitSpecSchema } from '@vitrine/contracts';
import { initVit } from '@vitrine/ml-nn';
import type { HostTensor } from '@vitrine/ml-tensor';
import { encodeModel } from '../model-artifact.js';
import type { MemoryArtifacts } from './memory-artifacts.js';

export const smallSpec = vitSpecSchema.parse({
  imageSize: 8,
  patchSize: 4,
  width: 16,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  classes: 4,
});

/** A model with random weights, large enough that noise on its embeddings shows in its outputs. */
export function putSmallModel(
  artifacts: MemoryArtifacts,
  over: Partial<typeof smallSpec> = {},
): Promise<ArtifactRef> {
  const spec = { ...smallSpec, ...over };
  const weights = Object.entries(initVit(spec, 3)).map(([name, tensor]): [string, HostTensor] => {
    const gain = name.endsWith('.weight') && !name.includes('norm') && !name.includes('patch') ? 8 : 1;
    return [name, { ...tensor, data: tensor.data.map((value) => value * gain) as Float32Array }];
  });
  return artifacts.put('model', encodeModel({ spec, weights: Object.fromEntries(weights) }));
}

export const tensorsHeld = (): number => tf.memory().numTensors;
