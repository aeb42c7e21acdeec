import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importWeights } from '@vitrine/ml-nn';
import { decodeSafetensors } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { writeInputs } from './inputs.js';
import { MODELS } from './vit-case.js';

describe('writeInputs', () => {
  it('writes the weights of the architecture, images in [0, 1] and labels of its classes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-inputs-'));
    const file = join(folder, 'inputs.safetensors');
    try {
      await writeInputs(file, MODELS.quick, 3);
      const { state } = decodeSafetensors(await readFile(file));
      const weights = Object.entries(state).flatMap(([name, tensor]) =>
        name.startsWith('weight/') ? [[name.slice('weight/'.length), tensor] as const] : [],
      );
      expect(() => importWeights(MODELS.quick, Object.fromEntries(weights))).not.toThrow();
      expect(state['pixels']?.shape).toEqual([3, 3, 32, 32]);
      expect(state['pixels']?.data.every((value) => value >= 0 && value < 1)).toBe(true);
      expect(state['labels']?.data.every((label) => label >= 0 && label < 10)).toBe(true);
      expect(state['noise']?.shape).toEqual([1, 16, 96]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
