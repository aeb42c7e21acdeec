import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { philox4x32, type Uint32x4 } from './philox.js';
import { normal, permutation, PURPOSE, randomBits, uniform } from './random.js';

function philox(counter: Uint32x4, key: readonly [number, number]): string {
  const out = new Uint32Array(4);
  philox4x32({ key, counter }, out, 0);
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

describe('Philox4x32-10', () => {
  // Random123, tests/kat_vectors, lines "philox4x32 10".
  it('gives the known answers of Random123', () => {
    const ones = 0xffffffff;
    expect(philox([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(philox([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });
});

describe('random streams', () => {
  const key = { seed: 7, purpose: PURPOSE.shuffle, step: 3, index: 5 };

  it('composes key and counter as documented', () => {
    const block = (counter: Uint32x4): string => philox(counter, [7, PURPOSE.shuffle]);
    const words = [...randomBits(key, 8)].map((word) => word.toString(16).padStart(8, '0'));
    expect(words.slice(0, 4).join(' ')).toBe(block([0, 5, 3, 0]));
    expect(words.slice(4).join(' ')).toBe(block([1, 5, 3, 0]));
  });

  it('gives a prefix when fewer numbers are asked for', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (a, b) => {
        const [few, many] = a < b ? [a, b] : [b, a];
        expect(randomBits(key, many).subarray(0, few)).toEqual(randomBits(key, few));
        expect(normal(key, many).subarray(0, few)).toEqual(normal(key, few));
      }),
    );
  });

  it('never repeats a block between different keys, up to the largest step and index', () => {
    const coordinates = [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff];
    const seen = new Set<string>();
    for (const seed of coordinates)
      for (const step of coordinates)
        for (const index of coordinates)
          for (let at = 0; at < 16; at += 4)
            seen.add(
              randomBits({ seed, purpose: 1, step, index }, 16)
                .subarray(at, at + 4)
                .join(),
            );
    expect(seen.size).toBe(6 ** 3 * 4);
  });

  it('separates purposes and takes an absent step and index for 0', () => {
    expect(new Set(Object.values(PURPOSE)).size).toBe(Object.keys(PURPOSE).length);
    expect(randomBits({ seed: 1, purpose: 1 }, 4)).not.toEqual(randomBits({ seed: 1, purpose: 2 }, 4));
    expect(randomBits({ seed: 1, purpose: 1 }, 4)).toEqual(
      randomBits({ seed: 1, purpose: 1, step: 0, index: 0 }, 4),
    );
  });

  it('refuses what is no uint32 and names the field', () => {
    expect(() => randomBits({ seed: -1, purpose: 1 }, 1)).toThrow('RandomKey.seed: expected an integer');
    expect(() => randomBits({ seed: 1, purpose: 1, step: 2 ** 32 }, 1)).toThrow('RandomKey.step');
    expect(() => randomBits({ seed: 1, purpose: 1, index: 0.5 }, 1)).toThrow('got 0.5');
    expect(() => uniform({ seed: 1, purpose: 1 }, -1)).toThrow('expected a count');
  });
});

describe('uniform numbers', () => {
  it('lie in [0, 1), on 24 bits, with mean 1/2 and variance 1/12', () => {
    const values = uniform({ seed: 11, purpose: 1 }, 100_000);
    const mean = values.reduce((sum, u) => sum + u, 0) / values.length;
    const variance = values.reduce((sum, u) => sum + (u - mean) ** 2, 0) / values.length;
    expect(values.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 24))).toBe(true);
    // Five standard errors: 0.2887 / √1e5 and √(1/180 / 1e5).
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * 0.000913);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * 0.000236);
  });
});

describe('normal numbers', () => {
  it('have the moments and tails of N(0, 1) and are finite', () => {
    const values = normal({ seed: 12, purpose: 1 }, 200_001);
    const moment = (power: number): number => values.reduce((sum, z) => sum + z ** power, 0) / values.length;
    expect(values.every(Number.isFinite)).toBe(true);
    // Five standard errors of the first four moments: √(1, 2, 15, 96) / √n.
    const error = 5 / Math.sqrt(values.length);
    expect(Math.abs(moment(1))).toBeLessThan(error);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(moment(3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error * Math.sqrt(96));
    const beyond = values.filter((z) => Math.abs(z) > 1.959964).length / values.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(error * Math.sqrt(0.05 * 0.95));
  });
});

describe('permutations', () => {
  it('hold every index once', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), (n, seed) => {
        const order = permutation({ seed, purpose: PURPOSE.permutation }, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('of three come up equally often', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 6000; index++) {
      const order = permutation({ seed: 5, purpose: 1, index }, 3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    // χ² with 5 degrees of freedom: 20.5 is its 99.9 % quantile.
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(6);
    expect(chiSquare).toBeLessThan(20.5);
  });
});
