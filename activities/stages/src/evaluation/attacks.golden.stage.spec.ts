/** Attacks of the stage against torchattacks, on the model and the images that ship: `infra/goldens/attacks.py`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphExecutor } from '@vitrine/backend';
import type { Condition } from '@vitrine/contracts';
import { createDatasets, type ImageSet } from '@vitrine/datasets';
import type { AttackFunction } from '@vitrine/ml-attacks';
import { imageBatch, type BatchBuffers } from '@vitrine/ml-data';
import type { RunningProgram } from '@vitrine/ml-tensor';
import { accuracyOf } from '@vitrine/ml-training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../model-artifact.js';
import golden from './attacks.golden.json' with { type: 'json' };
import { conditionLogits } from './condition-logits.js';
import { judgedVit, startAttack } from './judged-model.js';

const samples = fileURLToPath(new URL('../../../../infra/samples/', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'attacks-golden-'));
const { images: count, epsilon, outcomes } = golden;
/** An image: another processor rounds differently, which can turn one at the border. */
const slack = 1;

let model: RunningProgram<AttackFunction>;
let images: ImageSet;
let batch: BatchBuffers;
const { spec, weights } = decodeModel(
  readFileSync(join(samples, 'models/cifar10-vit-p8-w96-d6.safetensors')),
  'the shipped model',
);

beforeAll(async () => {
  const datasets = createDatasets({ dataDir, sampleDir: join(samples, 'cifar10') });
  images = await datasets.load('cifar10-sample', 'test', count);
  model = startAttack(graphExecutor(), judgedVit(spec), count);
  model.writeState(weights);
  batch = imageBatch(images, 0, { count, size: count });
});
afterAll(() => {
  model.dispose();
  rmSync(dataDir, { recursive: true });
});

interface Outcome {
  readonly right: readonly boolean[];
  readonly correct: number;
  readonly distance: number;
  readonly furthest: number;
}

async function under(condition: Condition): Promise<Outcome> {
  const said = await conditionLogits(
    { model, config: spec, condition },
    { ...batch, seed: 0, index: 0 },
    () => Promise.resolve(),
  );
  const stride = batch.pixels.length / count;
  const changes = said.pixels.map((pixel, at) => pixel - (batch.pixels[at] ?? 0));
  const norms = Array.from({ length: count }, (_, image) =>
    Math.hypot(...changes.subarray(image * stride, (image + 1) * stride)),
  );
  const right = Array.from({ length: count }, (_, image) => {
    const row = said.logits.subarray(image * spec.classes, (image + 1) * spec.classes);
    return accuracyOf(row, images.labels.subarray(image, image + 1), spec.classes) === 1;
  });
  return {
    right,
    correct: right.filter(Boolean).length,
    distance: norms.reduce((sum, norm) => sum + norm, 0) / count,
    furthest: changes.reduce((most, change) => Math.max(most, Math.abs(change)), 0),
  };
}

const standard = (
  attacks: Extract<Condition, { kind: 'autoattack' }>['attacks'],
  steps: number,
): Condition => ({
  ...{ kind: 'autoattack', epsilon, attacks, steps },
  ...{ restarts: 1, targets: 9, queries: 100 },
});

describe('attacks on the model that ships, beside torchattacks', () => {
  it('begin with the same right answers', async () => {
    const { correct } = await under({ kind: 'clean' });
    expect(Math.abs(correct - outcomes.clean.correct)).toBeLessThanOrEqual(slack);
  });

  it.each([
    ['apgd-ce', 10],
    ['apgd-t', 5],
    ['fab-t', 5],
    ['square', 1],
  ] as const)('%s leaves as many right, but for an image, and stays in its ball', async (attack, steps) => {
    const { correct, furthest } = await under(standard([attack], steps));
    expect(Math.abs(correct - outcomes[attack].correct)).toBeLessThanOrEqual(slack);
    expect(furthest).toBeLessThanOrEqual(epsilon + 1e-6);
  });

  it('AutoAttack leaves right what all its attacks leave right', async () => {
    const { correct, furthest } = await under(standard(['apgd-ce', 'apgd-t', 'fab-t', 'square'], 5));
    expect(Math.abs(correct - outcomes.union.correct)).toBeLessThanOrEqual(slack);
    expect(furthest).toBeLessThanOrEqual(epsilon + 1e-6);
  });

  it('Carlini & Wagner find changes as small', async () => {
    const found = await under({ kind: 'carlini-wagner', c: 1, kappa: 0, steps: 15, learningRate: 0.01 });
    const { correct, distance } = outcomes['carlini-wagner'];
    expect(Math.abs(found.correct - correct)).toBeLessThanOrEqual(slack);
    expect(Math.abs(found.distance / distance - 1)).toBeLessThan(0.02);
  });

  it('DeepFool finds changes as small', async () => {
    const found = await under({ kind: 'deepfool', steps: 10, overshoot: 0.02, candidates: 10 });
    const { correct, distance } = outcomes.deepfool;
    expect(Math.abs(found.correct - correct)).toBeLessThanOrEqual(slack);
    expect(Math.abs(found.distance / distance - 1)).toBeLessThan(0.02);
  });
});
