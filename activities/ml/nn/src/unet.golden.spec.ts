import * as tf from '@tensorflow/tfjs-core';
import {
  disposeAll,
  eagerExecutor,
  PURPOSE,
  RANDOM_STREAM,
  randomStream,
  specsOf,
  toTensors,
  type HostTensor,
  type Program,
} from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { readGolden, relativeError } from './testing/golden.js';
import { unetOutput } from './unet.js';
import { unetParameterShapes, type UnetConfig } from './unet-config.js';
import { exportUnet, importUnet, initUnet } from './unet-weights.js';
import { WeightsError } from './weights-error.js';

const plain: UnetConfig = {
  imageSize: 8,
  channels: 3,
  width: 8,
  multipliers: [1, 2],
  blocks: 1,
  attentionSizes: [4],
  heads: 2,
  headWidth: 0,
  groups: 4,
  scaleShift: false,
  resampleBlocks: false,
  learnedVariance: false,
  classes: 0,
};
const full: UnetConfig = {
  ...plain,
  multipliers: [1, 1, 2],
  attentionSizes: [4, 2],
  headWidth: 4,
  scaleShift: true,
  resampleBlocks: true,
  learnedVariance: true,
  classes: 3,
};

describe.each([
  ['plain', plain],
  ['full', full],
] as const)('the %s U-Net against PyTorch', (name, config) => {
  const golden = readGolden(new URL(`./unet-${name}.golden.safetensors`, import.meta.url));
  const weights = importUnet(config, golden.group('weight.'));
  const inputs = { images: golden.tensor('input.images'), time: golden.tensor('input.timesteps') };
  const labels = config.classes > 0 ? golden.tensor('input.labels') : undefined;
  const cotangent = golden.tensor('input.cotangent');

  /** Output, and the gradients of its sum with the cotangent, with dropout or without. */
  const programWith = (rate?: number): Program<'both'> => ({
    name: 'unet',
    state: specsOf(weights),
    functions: {
      both: {
        inputs: {
          ...specsOf({ ...inputs, cotangent, ...(labels && { labels }) }),
          ...(rate !== undefined && { stream: RANDOM_STREAM }),
        },
        compute: ({ state, inputs: given }) => {
          const names = Object.keys(state);
          const output = (images: tf.Tensor, params = state): tf.Tensor4D =>
            unetOutput(
              { config, params },
              {
                noisy_BCHW: images as tf.Tensor4D,
                time_B: given['time'] as tf.Tensor1D,
                labels_B: given['labels'] as tf.Tensor1D,
                ...(rate !== undefined && { dropout: { rate, stream_6: given['stream'] as tf.Tensor1D } }),
              },
            );
          const gradients = tf.grads((images: tf.Tensor, ...tensors: tf.Tensor[]) =>
            tf.sum(
              tf.mul(
                output(images, Object.fromEntries(names.map((key, i) => [key, tensors[i] as tf.Tensor]))),
                given['cotangent'] as tf.Tensor,
              ),
            ),
          )([given['images'] as tf.Tensor, ...names.map((key) => state[key] as tf.Tensor)]);
          return {
            outputs: {
              output: output(given['images'] as tf.Tensor),
              images: gradients[0] as tf.Tensor,
              ...Object.fromEntries(names.map((key, i) => [`weight.${key}`, gradients[i + 1] as tf.Tensor])),
            },
          };
        },
      },
    },
  });
  const fed = {
    images: inputs.images.data,
    time: inputs.time.data,
    cotangent: cotangent.data,
    ...(labels && { labels: labels.data }),
  };

  it('drops the elements that its stream names', () => {
    const running = eagerExecutor.start(programWith(0.3));
    running.writeState(weights);
    const stream = randomStream({ seed: 5, purpose: PURPOSE.dropout });
    const outputs = running.run('both', { ...fed, stream });
    const again = running.run('both', { ...fed, stream });
    const others = running.run('both', {
      ...fed,
      stream: randomStream({ seed: 5, purpose: PURPOSE.dropout, step: 1 }),
    });
    running.dispose();
    const error = (key: string, expected: HostTensor): number =>
      relativeError(outputs[key]?.data ?? [], expected.data);
    expect(error('output', golden.tensor('dropped.output'))).toBeLessThan(golden.tolerance);
    expect(error('images', golden.tensor('dropped.gradient.images'))).toBeLessThan(golden.tolerance);
    const name = 'middle_block.0.out_layers.3.weight';
    // In PyTorch's layout, among the weights of a file.
    const file = { ...golden.group('weight.'), [name]: golden.tensor('dropped.gradient.kernel') };
    const kernel = importUnet(config, file)[name] as HostTensor;
    expect(error(`weight.${name}`, kernel)).toBeLessThan(golden.tolerance);
    expect(again['output']?.data).toEqual(outputs['output']?.data);
    expect(error('output', others['output'] as HostTensor)).toBeGreaterThan(0.01);
  });

  it('gives its values and every gradient', () => {
    const running = eagerExecutor.start(programWith());
    running.writeState(weights);
    const outputs = running.run('both', fed);
    running.dispose();
    expect(relativeError(outputs['output']?.data ?? [], golden.tensor('output').data)).toBeLessThan(
      golden.tolerance,
    );
    expect(relativeError(outputs['images']?.data ?? [], golden.tensor('gradient.images').data)).toBeLessThan(
      golden.tolerance,
    );
    const { images: _, ...gradients } = golden.group('gradient.');
    const expected = importUnet(config, gradients);
    // Some true gradients are zero, a bias before a normalisation of its own group: there both sides have rounding alone.
    const errors = Object.entries(expected).flatMap(([key, { data }]) => {
      const actual = outputs[`weight.${key}`]?.data ?? new Float32Array();
      const error = Math.max(...data.map((value, i) => Math.abs(value - (actual[i] ?? NaN))));
      const scale = Math.max(1, ...data.map(Math.abs));
      return error / scale < golden.tolerance ? [] : [[key, error, scale]];
    });
    expect(errors).toEqual([]);
  });

  it('takes and gives the weights of a file bit by bit', () => {
    const file = golden.group('weight.');
    const back = exportUnet(weights);
    for (const [key, { data, shape }] of Object.entries(file)) {
      expect(back[key]?.shape, key).toEqual(shape);
      expect(back[key]?.data, key).toEqual(Float32Array.from(data));
    }
  });
});

describe('weights of a U-Net', () => {
  it('begin as an identity whose output is zero', () => {
    const params = toTensors(initUnet(full, 3));
    const before = tf.memory().numTensors;
    const largest = tf.tidy(() =>
      tf
        .max(
          tf.abs(
            unetOutput(
              { config: full, params },
              {
                noisy_BCHW: tf.ones([1, 3, 8, 8]),
                time_B: tf.tensor1d([5]),
                labels_B: tf.tensor1d([1], 'int32'),
              },
            ),
          ),
        )
        .dataSync(),
    );
    expect(tf.memory().numTensors).toBe(before);
    expect([...largest]).toEqual([0]);
    disposeAll(params);
  });

  it('are refused by name when they do not fit', () => {
    const file = exportUnet(initUnet(plain, 3));
    const { 'out.2.bias': bias, ...rest } = file;
    expect(() => importUnet(plain, rest)).toThrow(WeightsError);
    expect(() => importUnet({ ...plain, width: 16 }, file)).toThrow(
      'input_blocks.0.0.weight (expected [16, 3, 3, 3], got [8, 3, 3, 3])',
    );
    expect(bias?.shape).toEqual([3]);
    expect(() => importUnet(plain, { ...file, stray: bias as HostTensor })).toThrow('unexpected: stray');
  });

  it('count as the published models do', () => {
    const cifar: UnetConfig = {
      ...plain,
      imageSize: 32,
      width: 128,
      multipliers: [1, 2, 2, 2],
      blocks: 3,
      attentionSizes: [16, 8],
      heads: 4,
      groups: 32,
      scaleShift: true,
      learnedVariance: true,
    };
    // guided-diffusion's unconditional model of 256 × 256 pixels.
    const imagenet: UnetConfig = {
      ...cifar,
      imageSize: 256,
      width: 256,
      multipliers: [1, 1, 2, 2, 4, 4],
      blocks: 2,
      attentionSizes: [32, 16, 8],
      headWidth: 64,
      resampleBlocks: true,
    };
    const millions = (config: UnetConfig): number =>
      Object.values(unetParameterShapes(config)).reduce(
        (sum, shape) => sum + shape.reduce((size, extent) => size * extent, 1),
        0,
      ) / 1e6;
    expect(millions(cifar)).toBeCloseTo(52.5, 1);
    expect(millions(imagenet)).toBeCloseTo(552.8, 1);
  });
});
