import { describe, expect, it } from 'vitest';
import { backendEnvironment } from './environment.js';

describe('the environment of the backend', () => {
  it('hides every GPU from a process that is to see none', () => {
    const environment = backendEnvironment({ threads: 2, visibleDevices: [] });
    expect(environment).toMatchObject({ TF_NUM_INTRAOP_THREADS: '2', CUDA_VISIBLE_DEVICES: '-1' });
    expect(environment).not.toHaveProperty('NVIDIA_TF32_OVERRIDE');
  });

  it('names the GPUs of a process and keeps their float32 exact and repeatable', () => {
    expect(backendEnvironment({ threads: 1, visibleDevices: ['1', '3'] })).toMatchObject({
      CUDA_VISIBLE_DEVICES: '1,3',
      NVIDIA_TF32_OVERRIDE: '0',
      TF_DETERMINISTIC_OPS: '1',
    });
  });

  it('leaves the choice of GPUs to the parent when none is made', () => {
    expect(backendEnvironment({ threads: 1 })).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
  });

  it('refuses a number of threads that is none', () => {
    expect(() => backendEnvironment({ threads: 0 })).toThrow('expected a whole number from 1, got 0');
    expect(() => backendEnvironment({ threads: 1.5 })).toThrow(RangeError);
  });
});
