import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { createDatasets, type ImageSet } from '@vitrine/datasets';
import { logits } from '@vitrine/ml-nn';
import { toTensors } from '@vitrine/ml-tensor';
import { accuracyOf, wilsonInterval } from '@vitrine/ml-training';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeModel } from './model-artifact.js';

const samples = fileURLToPath(new URL('../../../infra/samples/', import.meta.url));
const file = join(samples, 'models/cifar10-vit-p8-w96-d6.safetensors');
const dataDir = mkdtempSync(join(tmpdir(), 'shipped-model-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

function correctOn(images: ImageSet): number {
  const { spec, weights } = decodeModel(readFileSync(file), file);
  return tf.tidy(() => {
    const pixels = Float32Array.from(images.pixels, (byte) => byte / 255);
    const pixels_BCHW = tf.tensor4d(pixels, [images.count, images.channels, images.size, images.size]);
    const logits_BK = logits({ config: spec, params: toTensors(weights), frozen: true }, pixels_BCHW);
    return accuracyOf(logits_BK.dataSync() as Float32Array, images.labels, spec.classes);
  });
}

describe('the model that ships with the project', () => {
  it('is the one that its page describes', () => {
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(readFileSync(join(samples, 'models/README.md'), 'utf8')).toContain(digest);
  });

  it('classifies the 932 lossless test images as recorded, above 30 % at the lower 95 % bound', async () => {
    const images = await createDatasets({ dataDir, sampleDir: join(samples, 'cifar10') }).load(
      'cifar10-sample',
      'test',
    );
    expect(images.count).toBe(932);
    const correct = correctOn(images);
    // Recorded: 386. Another processor rounds differently, which can turn an image at the border.
    expect(Math.abs(correct - 386)).toBeLessThanOrEqual(3);
    expect(wilsonInterval(correct, images.count)[0]).toBeGreaterThan(0.3);
  });
});
