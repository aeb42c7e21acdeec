import { describe, expect, it } from 'vitest';
import { memoryOf, parseGpus } from './machine.js';

describe('the machine', () => {
  it('tells its GPUs by the name that CUDA and DCGM give them, in base units', () => {
    const table =
      'GPU-aaaa, 81559, 1024, 37, 55, 212.5\nGPU-bbbb, 81559, 0, [N/A], [Not Supported], [N/A]\n\nno devices\n';
    expect(parseGpus(table)).toEqual([
      {
        uuid: 'GPU-aaaa',
        memoryBytes: 81559 * 2 ** 20,
        memoryUsedBytes: 2 ** 30,
        utilization: 0.37,
        celsius: 55,
        watts: 212.5,
      },
      { uuid: 'GPU-bbbb', memoryBytes: 81559 * 2 ** 20, memoryUsedBytes: 0 },
    ]);
    expect(parseGpus('')).toEqual([]);
  });

  it('has memory, of which no more is available than there is', () => {
    const { total, available } = memoryOf();
    expect(available).toBeGreaterThan(0);
    expect(available).toBeLessThanOrEqual(total);
  });
});
