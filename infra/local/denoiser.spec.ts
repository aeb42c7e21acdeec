import { readFileSync } from 'node:fs';
import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) =>
  parsePipelineSpec(parse(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')), name);

describe('the denoiser pipelines', () => {
  it('are valid, and the quick one certifies alike with and without its denoiser', () => {
    const { stages } = read('denoiser.cifar10.quick.yaml');
    expect(stages['certify-plain']?.params).toEqual(stages['certify-denoised']?.params);
    expect(stages['certify-plain']?.inputs).toEqual({ model: 'train.model' });
  });

  it('judge the attention of a counting model alike with and without a denoiser', () => {
    const { stages } = read('denoiser.counting.yaml');
    expect(stages['noisy']?.params).toEqual(stages['denoised']?.params);
    const denoiser = stages['denoiser'];
    const train = stages['train'];
    if (denoiser?.kind !== 'train-denoiser' || train?.kind !== 'train') expect.unreachable();
    else expect(denoiser.params.model.imageSize).toBe(train.params.model.imageSize);
  });

  it('train as published on CIFAR-10, at three levels of noise on every twentieth image', () => {
    const { stages } = read('denoiser.cifar10.yaml');
    const certified = Object.values(stages).flatMap((stage) =>
      stage.kind === 'certify' ? [stage.params] : [],
    );
    expect(certified.map(({ sigma, every, draws }) => [sigma, every, draws])).toEqual([
      [0.25, 20, 100_000],
      [0.5, 20, 100_000],
      [1, 20, 100_000],
      [0.25, 20, 100_000],
    ]);
  });

  it("run a public model of another size at the classifier's", () => {
    const { classifier, denoiser } = read('denoiser.imagenet.yaml').stages;
    if (classifier?.kind !== 'import-model' || denoiser?.kind !== 'import-denoiser') expect.unreachable();
    else expect(denoiser.params.model.imageSize).toBe(classifier.params.model.imageSize);
  });
});

describe('the published certificates', () => {
  it('are read from the folder that is named', () => {
    const stages = Object.values(read('certificates.yaml').stages);
    const sources = stages.flatMap((stage) => (stage.kind === 'import-certificates' ? [stage.params] : []));
    expect(sources.map(({ sigma }) => sigma)).toEqual([0.12, 0.25, 0.5, 1]);
    for (const { source } of sources) expect(source).toMatch(/^\/path\/to\/.*\/cifar10-resnet110-sigma-/);
  });
});
