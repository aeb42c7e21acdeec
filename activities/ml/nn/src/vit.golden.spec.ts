import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, toTensors, type HostTensor } from '@vitrine/ml-tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGolden, relativeError } from './testing/golden.js';
import { logits } from './vit.js';
import { vitParameterShapes, type Vit, type VitConfig } from './vit-config.js';

const golden = readGolden(new URL('./vit.golden.safetensors', import.meta.url));

const config: VitConfig = {
  imageSize: 32,
  patchSize: 8,
  channels: 3,
  width: 32,
  depth: 2,
  heads: 2,
  mlpRatio: 4,
  classes: 10,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

const toTensor = ({ data, shape }: HostTensor): tf.Tensor => tf.tensor(data, [...shape]);

describe('the ViT against timm', () => {
  let vit: Vit;
  let pixels_BCHW: tf.Tensor4D;

  beforeAll(() => {
    vit = { config, params: toTensors(golden.group('weight.')) };
    pixels_BCHW = tf.keep(
      tf.tidy(() => tf.div<tf.Tensor4D>(tf.cast(toTensor(golden.tensor('input.bytes')), 'float32'), 255)),
    );
  });

  afterAll(() => {
    disposeAll(vit.params);
    pixels_BCHW.dispose();
  });

  /** Cross-entropy with label smoothing 0.1, as the generator's. */
  const lossOf = (model: Vit, pixels: tf.Tensor4D): tf.Scalar => {
    const labels = [...golden.tensor('input.labels').data];
    const target = tf.oneHot(tf.tensor1d(labels, 'int32'), 10, 0.91, 0.01, 'float32');
    const total = tf.sum(tf.mul(target, tf.logSoftmax(logits(model, pixels))));
    return tf.mul<tf.Scalar>(total, -1 / labels.length);
  };

  it('gives its logits and loss', () => {
    tf.tidy(() => {
      const actual = logits(vit, pixels_BCHW).dataSync();
      expect(relativeError(actual, golden.tensor('output.logits').data)).toBeLessThan(golden.tolerance);
      const loss = lossOf(vit, pixels_BCHW).dataSync();
      expect(relativeError(loss, golden.tensor('output.loss').data)).toBeLessThan(golden.tolerance);
    });
  });

  it('gives its gradient by every parameter', () => {
    tf.tidy(() => {
      const names = Object.keys(vitParameterShapes(config));
      const gradients = tf.grads((...tensors: tf.Tensor[]) =>
        lossOf(
          { config, params: Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor])) },
          pixels_BCHW,
        ),
      )(names.map((name) => vit.params[name] as tf.Tensor));
      const errors = names.map((name, i) => {
        const gradient = gradients[i] as tf.Tensor;
        expect(gradient.shape, name).toEqual(vit.params[name]?.shape);
        return [name, relativeError(gradient.dataSync(), golden.tensor(`gradient.${name}`).data)] as const;
      });
      expect(errors.filter(([, error]) => !(error < golden.tolerance))).toEqual([]);
    });
  });

  it.each([[false], [true]])('gives its gradient by the pixels, parameters frozen: %s', (frozen) => {
    tf.tidy(() => {
      const gradient = tf.grad((pixels) => lossOf({ ...vit, frozen }, pixels as tf.Tensor4D))(pixels_BCHW);
      expect(relativeError(gradient.dataSync(), golden.tensor('gradient.input').data)).toBeLessThan(
        golden.tolerance,
      );
    });
  });
});
