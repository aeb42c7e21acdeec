import { readFileSync } from 'node:fs';
import { parsePipelineSpec } from '@vitrine/contracts';
import { unetParameterShapes } from '@vitrine/ml-nn';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) =>
  parsePipelineSpec(
    parse(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8'), { merge: true }),
    name,
  );

const weights = (model: Parameters<typeof unetParameterShapes>[0]): number =>
  Object.values(unetParameterShapes(model)).reduce(
    (sum, shape) => sum + shape.reduce((size, extent) => size * extent, 1),
    0,
  );

describe('the denoiser pipelines', () => {
  it('are valid, and the quick one certifies the same draws with and without its denoiser', () => {
    const { stages } = read('denoiser.cifar10.quick.yaml');
    expect(stages['certify-plain']?.params).toEqual(stages['certify-denoised']?.params);
    expect(stages['certify-plain']?.inputs).toEqual({ model: 'train.model' });
  });

  it('hold the published architectures', () => {
    const cifar = read('denoiser.cifar10.yaml').stages['denoiser'];
    const imagenet = read('denoiser.imagenet.yaml').stages['denoiser'];
    if (cifar?.kind !== 'train-denoiser' || imagenet?.kind !== 'import-denoiser') expect.unreachable();
    else {
      expect(weights(cifar.params.model) / 1e6).toBeCloseTo(52.5, 1);
      // guided-diffusion's 256 × 256 unconditional model.
      expect(weights(imagenet.params.model) / 1e6).toBeCloseTo(552.8, 0);
    }
  });
});
