import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSeed } from './derive-seed.js';

describe('deriveSeed', () => {
  // Vectors of MurmurHash3_x86_32 as published with its implementations.
  it.each([
    [0, '', 0],
    [1, '', 0x514e28b7],
    [0xffffffff, '', 0x81f16f39],
    [0, 'test', 0xba6bd213],
    [0x9747b28c, 'test', 0x704b81dc],
    [0, 'Hello, world!', 0xc0363e43],
    [0x9747b28c, 'Hello, world!', 0x24884cba],
    [0x9747b28c, 'The quick brown fox jumps over the lazy dog', 0x2fa826cd],
    [0x9747b28c, 'aaaa', 0x5a97808a],
    [0x9747b28c, 'aaa', 0x283e0130],
    [0x9747b28c, 'aa', 0x5d211726],
    [0x9747b28c, 'a', 0x7fa09ea6],
    [0x9747b28c, 'ππππππππ', 0xd58063c1],
  ])('with seed %i of %j is the published value', (seed, name, expected) => {
    expect(deriveSeed(seed, name)).toBe(expected);
  });

  it('is an unsigned 32-bit integer for every seed and name', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.string(), (seed, name) => {
        const derived = deriveSeed(seed, name);
        expect(Number.isInteger(derived) && derived >= 0 && derived <= 0xffffffff).toBe(true);
      }),
    );
  });

  it('gives the stages of a run, and runs of different seeds, different seeds', () => {
    const seeds = ['train', 'finetune', 'evaluate'].flatMap((name) =>
      [0, 1, 2].map((s) => deriveSeed(s, name)),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
