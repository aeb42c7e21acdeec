import { readFileSync } from 'node:fs';
import { decodeSafetensors } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { corrupt, type CorruptionKind } from './corrupt.js';
import golden from './corruptions.golden.json' with { type: 'json' };
import { FROST_PICTURES } from './frost-pictures.js';
import type { CorruptionScale } from './severities.js';

const { state } = decodeSafetensors(
  readFileSync(new URL('./corruptions.golden.safetensors', import.meta.url)),
);
const bytesOf = (name: string): Uint8Array => Uint8Array.from(state[name]?.data ?? []);

interface Case {
  readonly name: string;
  readonly kind: CorruptionKind;
  readonly scale: CorruptionScale;
  readonly severity: number;
}

const casesOf = (names: readonly string[]): Case[] =>
  names
    .filter((name) => !name.startsWith('input'))
    .map((name) => {
      const [kind, scale, severity] = name.split('/') as [CorruptionKind, CorruptionScale, string];
      return { name, kind, scale, severity: Number(severity) };
    });

function corrupted({ kind, scale, severity }: Omit<Case, 'name'>, index = 0): Uint8Array {
  const pixels = bytesOf(`input/${scale}`);
  const image = { pixels, channels: 3, size: Math.sqrt(pixels.length / 3) };
  return corrupt(image, { kind, scale, severity, seed: 5, index, frostPictures: FROST_PICTURES });
}

/** Of the generator: mean, deviation, mean distance from the clean image, mean difference of neighbours. */
function statisticsOf(bytes: Uint8Array, clean: Uint8Array): number[] {
  const size = Math.sqrt(bytes.length / 3);
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  const variance = bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / bytes.length;
  const distance = bytes.reduce((sum, byte, i) => sum + Math.abs(byte - (clean[i] ?? 0)), 0) / bytes.length;
  let [difference, pairs] = [0, 0];
  bytes.forEach((byte, i) => {
    if (i % size === size - 1) return;
    difference += Math.abs((bytes[i + 1] ?? 0) - byte);
    pairs += 1;
  });
  return [mean, Math.sqrt(variance), distance, difference / pairs].map((value) => value / 255);
}

describe('corruptions without randomness', () => {
  it.each(casesOf(Object.keys(state)))('are within a byte of the reference: $name', ({ name, ...one }) => {
    const expected = bytesOf(name);
    const actual = corrupted(one);
    const apart = actual.map((byte, i) => Math.abs(byte - (expected[i] ?? 0)));
    expect(Math.max(...apart)).toBeLessThanOrEqual(
      ['jpeg_compression', 'pixelate'].includes(one.kind) ? 0 : 1,
    );
    // Values that are whole by chance are cut off on either side: the reference computes in other orders, or in float32.
    expect(apart.filter((difference) => difference > 0).length / apart.length).toBeLessThan(0.06);
  });
});

describe('random corruptions', () => {
  const DRAWS = 30;
  it.each(casesOf(Object.keys(golden.moments)))(
    'have the moments of the reference, within five standard errors: $name',
    ({ name, ...one }) => {
      const clean = bytesOf(`input/${one.scale}`);
      const drawn = Array.from({ length: DRAWS }, (_, index) => statisticsOf(corrupted(one, index), clean));
      const { mean, deviation } = golden.moments[name as keyof typeof golden.moments];
      mean.forEach((expected, which) => {
        const actual = drawn.reduce((sum, statistics) => sum + (statistics[which] ?? NaN), 0) / DRAWS;
        const error = (deviation[which] ?? NaN) * Math.sqrt(1 / DRAWS + 1 / 60);
        expect(Math.abs(actual - expected), `statistic ${which}`).toBeLessThan(
          golden.tolerance * error + 2e-4,
        );
      });
    },
  );

  it('are a function of seed and image', () => {
    const one = { kind: 'gaussian_noise', scale: 'cifar', severity: 3 } as const;
    expect(corrupted(one, 4)).toEqual(corrupted(one, 4));
    expect(corrupted(one, 5)).not.toEqual(corrupted(one, 4));
    expect(() => corrupted({ ...one, severity: 6 })).toThrow('severity: expected 1, 2, 3, 4 or 5, got 6');
  });
});
