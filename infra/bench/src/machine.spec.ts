import { describe, expect, it } from 'vitest';
import { availableMemory, busyShare, hasBfloat16 } from './machine.js';

describe('hasBfloat16', () => {
  it('reads the instruction sets of the processor', () => {
    expect(hasBfloat16('cpu', 'flags\t\t: fpu avx2 avx512f avx512_bf16 amx_tile\n')).toBe(true);
    expect(hasBfloat16('cpu', 'processor : 0\nFeatures\t: fp asimd bf16\n')).toBe(true);
    expect(hasBfloat16('cpu', 'flags\t\t: fpu avx2 avx512f\n')).toBe(false);
    expect(hasBfloat16('cpu', '')).toBe(false);
  });

  it('is true of GPUs', () => {
    expect(hasBfloat16('gpu', '')).toBe(true);
  });
});

describe('availableMemory', () => {
  it('is a number of bytes', () => {
    expect(availableMemory()).toBeGreaterThan(2 ** 20);
  });
});

describe('busyShare', () => {
  it('is a share', async () => {
    const share = await busyShare();
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });
});
