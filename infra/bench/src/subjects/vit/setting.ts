import { readFile } from 'node:fs/promises';
import type * as tf from '@tensorflow/tfjs-core';
import type { Vit } from '@vitrine/ml-nn';
import type { Batch } from '@vitrine/ml-training';
import { decodeSafetensors, toTensors, type Parameters } from '@vitrine/ml-tensor';
import type { VitCase } from '../../vit-case.js';

/** The inputs of a case on the device. */
export interface Setting {
  readonly case: VitCase;
  readonly vit: Vit;
  readonly batch: Batch;
  readonly noise_1ND: tf.Tensor3D;
}

const WEIGHT = 'weight.';

export async function loadSetting(vitCase: VitCase): Promise<Setting> {
  const { state } = decodeSafetensors(await readFile(vitCase.inputs));
  const tensors = toTensors(state);
  const params: Parameters = Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(WEIGHT) ? [[name.slice(WEIGHT.length), tensor]] : [],
    ),
  );
  return {
    case: vitCase,
    vit: { config: vitCase.model, params },
    batch: {
      pixels_BCHW: tensors['pixels'] as tf.Tensor4D,
      labels_B: tensors['labels'] as tf.Tensor1D,
    },
    noise_1ND: tensors['noise'] as tf.Tensor3D,
  };
}
