import { describe, expect, it } from 'vitest';
import {
  availableMemory,
  busyShare,
  gpuMemoryOf,
  hasBfloat16,
  peakMemory,
  residentMemory,
} from './machine.js';

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
  it('is a number of bytes', async () => {
    expect(await availableMemory('cpu')).toBeGreaterThan(2 ** 20);
  });
});

describe('the memory of a process', () => {
  it('is at its peak at least what it is now', async () => {
    expect(residentMemory(process.pid, 'VmRSS')).toBeGreaterThan(2 ** 20);
    expect(await peakMemory('cpu', process.pid)).toBeGreaterThanOrEqual(2 ** 20);
  });

  it('is summed over the GPUs that it uses', () => {
    const table = '41, 1024\n42, 512\n42, 256';
    expect(gpuMemoryOf(42, table)).toBe(768 * 2 ** 20);
    expect(gpuMemoryOf(43, table)).toBeUndefined();
    expect(gpuMemoryOf(42, '')).toBeUndefined();
  });
});

describe('busyShare', () => {
  it('is a share', async () => {
    const share = await busyShare();
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });
});
