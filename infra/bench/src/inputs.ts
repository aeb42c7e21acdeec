/** Weights and images that both sides read. */
import { writeFile } from 'node:fs/promises';
import { patchCount, vitParameterShapes, type VitConfig } from '@vitrine/ml-nn';
import {
  encodeSafetensors,
  normal,
  PURPOSE,
  randomBits,
  sizeOfShape,
  uniform,
  type HostTensor,
} from '@vitrine/ml-tensor';
import { SYNTHESIS } from './vit-case.js';

const SEED = 1;
/** Far from the initial weights, so that every parameter counts in what the two sides agree on. */
const WEIGHT_STD = 0.05;

/** Writes weights of the model, a batch of images with labels, and a noise to start from, all functions of the shapes alone. */
export async function writeInputs(file: string, config: VitConfig, batch: number): Promise<void> {
  const tensors: Record<string, HostTensor> = {};
  Object.entries(vitParameterShapes(config)).forEach(([name, shape], index) => {
    const centre = /(^|\.)norm\d?\.weight$/.test(name) ? 1 : 0;
    const data = normal({ seed: SEED, purpose: PURPOSE.initialisation, index }, sizeOfShape(shape));
    tensors[`weight/${name}`] = {
      dtype: 'float32',
      shape,
      data: data.map((value) => centre + WEIGHT_STD * value),
    };
  });
  const draw = (shape: readonly number[], purpose: number): HostTensor => ({
    dtype: 'float32',
    shape,
    data: uniform({ seed: SEED, purpose }, sizeOfShape(shape)),
  });
  const { imageSize, channels, classes, width } = config;
  tensors['pixels'] = draw([batch, channels, imageSize, imageSize], PURPOSE.augmentation);
  const labels = Int32Array.from(
    randomBits({ seed: SEED, purpose: PURPOSE.shuffle }, batch),
    (bits) => bits % classes,
  );
  tensors['labels'] = { dtype: 'int32', shape: [batch], data: labels };
  const start = draw([1, patchCount(config), width], PURPOSE.noiseStart);
  tensors['noise'] = { ...start, data: start.data.map((value) => SYNTHESIS.limit * (2 * value - 1)) };
  await writeFile(file, encodeSafetensors(tensors));
}
