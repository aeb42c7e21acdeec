import { readFileSync } from 'node:fs';
import { decodeSafetensors } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import {
  applyOperation,
  drawRandAugment,
  RAND_AUGMENT_OPERATIONS,
  type RandAugmentOperation,
  type RandAugmentPolicy,
} from './rand-augment.js';

const { state: golden } = decodeSafetensors(
  readFileSync(new URL('./rand-augment.golden.safetensors', import.meta.url)),
);
const bytesOf = (name: string): Uint8Array => Uint8Array.from(golden[name]?.data ?? []);
const image = { pixels: bytesOf('input'), channels: 3, size: 32 };
const fill = [125, 123, 114];
const cases = Object.keys(golden)
  .filter((key) => key !== 'input')
  .map((key) => {
    const [operation, magnitude, sign, filter] = key.split('/') as [
      RandAugmentOperation,
      string,
      string,
      'bilinear' | 'bicubic',
    ];
    return { key, operation, magnitude: Number(magnitude), negated: sign === 'negated', filter };
  });

describe("RandAugment's operations", () => {
  it('are all among the golden images', () => {
    expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(RAND_AUGMENT_OPERATIONS));
  });

  it.each(cases)("give timm's bytes: $key", ({ key, ...applied }) => {
    expect(applyOperation(image, applied, fill).pixels).toEqual(bytesOf(key));
  });
});

const policy: RandAugmentPolicy = {
  ...{ layers: 2, magnitude: 9, deviation: 0.5, largest: 10, probability: 0.5, fill },
};

describe('the draws of RandAugment', () => {
  const drawn = Array.from({ length: 6000 }, (_, index) =>
    drawRandAugment({ seed: 4, step: 1, index }, policy),
  );

  it('apply each of two operations half of the time', () => {
    const counts = [0, 1, 2].map((count) => drawn.filter(({ length }) => length === count).length);
    // 1500, 3000, 1500 expected; standard deviations 34 and 39.
    expect(Math.abs((counts[0] ?? 0) - 1500)).toBeLessThan(170);
    expect(Math.abs((counts[1] ?? 0) - 3000)).toBeLessThan(195);
  });

  it('take every operation, both signs and both filters about equally often, at magnitudes around the one wanted', () => {
    const all = drawn.flat();
    for (const operation of RAND_AUGMENT_OPERATIONS) {
      const share = all.filter((one) => one.operation === operation).length / all.length;
      // Of about 6000: standard deviation 0.0032.
      expect(Math.abs(share - 1 / 15)).toBeLessThan(0.016);
    }
    for (const half of [all.filter((one) => one.negated), all.filter((one) => one.filter === 'bilinear')])
      expect(Math.abs(half.length / all.length - 0.5)).toBeLessThan(0.033);
    const mean = all.reduce((sum, { magnitude }) => sum + magnitude, 0) / all.length;
    // Cut at 10, two standard deviations above: the mean sinks by 0.0042.
    expect(Math.abs(mean - 8.996)).toBeLessThan(0.035);
    expect(all.every(({ magnitude }) => magnitude >= 0 && magnitude <= 10)).toBe(true);
  });

  it('are a function of seed, step and place', () => {
    const key = { seed: 4, step: 1, index: 17 };
    expect(drawRandAugment(key, policy)).toEqual(drawn[17]);
    const strong = { ...policy, probability: 1, layers: 8 };
    expect(drawRandAugment({ ...key, step: 2 }, strong)).not.toEqual(drawRandAugment(key, strong));
  });
});
