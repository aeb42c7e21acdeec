import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { eagerExecutor, specsOf, uniform, type RunningProgram, type StateDict } from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { isRight } from './answers.js';
import { attackProgram, type AttackFunction, type HostBatch } from './attack-program.js';
import { vitClassifier } from './attacked-batch.js';
import { STANDARD_ATTACKS, standardAttackSteps, type StandardOptions } from './autoattack.js';
import { carliniWagnerSteps } from './carlini-wagner.js';
import { crossEntropyOf, marginOf, targetedRatioOf, type HostLoss } from './host-losses.js';
import { steer, type SteeredLoss } from './steered-slope.js';

const config: VitConfig = {
  ...{ imageSize: 8, patchSize: 4, channels: 3, width: 16, depth: 1, heads: 2, mlpRatio: 2, classes: 5 },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};
const weights: StateDict = Object.fromEntries(
  Object.entries(initVit(config, 3)).map(([name, host]) => [
    name,
    { ...host, data: host.data.map((value) => value * 5) },
  ]),
);
const IMAGES = 8;
const STRIDE = 3 * 8 * 8;

const started: RunningProgram<AttackFunction>[] = [];
afterAll(() => started.forEach((program) => program.dispose()));
function modelFor(images: number): RunningProgram<AttackFunction> {
  const program = eagerExecutor.start(
    attackProgram({
      weights: specsOf(weights),
      classifier: (params) => vitClassifier({ config, params }),
      pixelShape: [images, 3, 8, 8],
    }),
  );
  program.writeState(weights);
  started.push(program);
  return program;
}

const model = modelFor(IMAGES);
const pixels = uniform({ seed: 5, purpose: 90 }, IMAGES * STRIDE);
const logitsOf = (of: Float32Array, by = model): Float32Array =>
  by.run('predict', { pixels: of })['logits']?.data as Float32Array;
/** All right but the last. */
const labels = Int32Array.from({ length: IMAGES }, (_, image) => {
  const row = logitsOf(pixels).subarray(image * 5, image * 5 + 5);
  const first = row.indexOf(Math.max(...row));
  return image === IMAGES - 1 ? (first + 1) % 5 : first;
});
const batch: HostBatch = { pixels, labels };

const options: StandardOptions = {
  ...{
    epsilon: 0.05,
    steps: 8,
    restarts: 1,
    targets: 2,
    queries: 30,
    channels: 3,
    size: 8,
    seed: 7,
    index: 0,
  },
  attacks: STANDARD_ATTACKS,
};
function attacked(
  change: Partial<StandardOptions> = {},
  { by = model, of = batch }: { by?: RunningProgram<AttackFunction>; of?: HostBatch } = {},
): Float32Array {
  const search = standardAttackSteps(by, of, { ...options, ...change });
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}
const standing = (of: Float32Array): number[] => {
  const logits = logitsOf(of);
  return [...labels.keys()].filter((image) => isRight(logits, labels, image));
};

describe('the gradient of a loss that is chosen by a number', () => {
  const targets = labels.map((label) => (label + 2) % 5);
  const losses: Readonly<Record<SteeredLoss, HostLoss>> = {
    crossEntropy: crossEntropyOf(labels),
    margin: (logits, image) => -marginOf(labels)(logits, image),
    difference: (logits, image) =>
      (logits[image * 5 + (targets[image] ?? 0)] ?? 0) - (logits[image * 5 + (labels[image] ?? 0)] ?? 0),
    ratio: targetedRatioOf(labels, targets),
  };

  it.each(Object.keys(losses) as SteeredLoss[])('is that of %s, beside the logits', (loss) => {
    const { logits, slope } = steer(model, pixels, { loss, labels, targets });
    expect(logits).toEqual(logitsOf(pixels));
    const step = 1e-2;
    const along = (by: number): Float32Array =>
      logitsOf(pixels.map((pixel, at) => pixel + by * direction(at)));
    // Every image has a direction of its own, and its own derivative along it.
    const direction = (at: number): number => Math.sin(at + 1) / Math.sqrt(STRIDE / 2);
    const [before, after] = [along(-step), along(step)];
    labels.forEach((_, image) => {
      const wanted = (losses[loss](after, image) - losses[loss](before, image)) / (2 * step);
      const row = slope.subarray(image * STRIDE, (image + 1) * STRIDE);
      const found = row.reduce((sum, value, at) => sum + value * direction(image * STRIDE + at), 0);
      expect(Math.abs(found - wanted)).toBeLessThan(0.02 * (1 + Math.abs(wanted)));
    });
  });
});

describe("AutoAttack's standard version", () => {
  it.each(STANDARD_ATTACKS)('has in %s an attack that makes images wrong within its ball', (attack) => {
    const found = attacked({ attacks: [attack] });
    const left = standing(found);
    expect(left.length).toBeLessThan(IMAGES - 1);
    found.forEach((pixel, at) => {
      expect(Math.abs(pixel - (pixels[at] ?? 0))).toBeLessThanOrEqual(options.epsilon + 1e-6);
      expect(pixel).toBeGreaterThanOrEqual(0);
      expect(pixel).toBeLessThanOrEqual(1);
    });
    // What stands has its clean pixels, and so has what was wrong before.
    for (const image of [...left, IMAGES - 1])
      expect(found.subarray(image * STRIDE, (image + 1) * STRIDE)).toEqual(
        pixels.subarray(image * STRIDE, (image + 1) * STRIDE),
      );
  });

  it('leaves right what each of its attacks leaves right', () => {
    const each = STANDARD_ATTACKS.map((attack) => standing(attacked({ attacks: [attack] })));
    const all = [...labels.keys()].filter((image) => each.every((left) => left.includes(image)));
    expect(standing(attacked())).toEqual(all);
  });

  it('gives an image the same pixels whatever else is in its batch', () => {
    const half = IMAGES / 2;
    const second = { pixels: pixels.slice(half * STRIDE), labels: labels.slice(half) };
    const alone = attacked({ index: half }, { by: modelFor(half), of: second });
    expect(alone).toEqual(attacked().slice(half * STRIDE));
  });

  it('of strength 0 changes nothing', () => {
    expect(attacked({ epsilon: 0, steps: 1, targets: 1, queries: 2 })).toEqual(pixels);
  });
});

describe('Carlini & Wagner', () => {
  it('make images wrong, and leave alone those that are', () => {
    const search = carliniWagnerSteps(model, batch, { c: 10, kappa: 0, steps: 30, learningRate: 0.04 });
    let result = search.next();
    while (!result.done) result = search.next();
    const found = result.value;
    expect(standing(found).length).toBeLessThan(IMAGES / 2);
    expect(found.subarray((IMAGES - 1) * STRIDE)).toEqual(pixels.subarray((IMAGES - 1) * STRIDE));
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...found)).toBeLessThanOrEqual(1);
  });
});
