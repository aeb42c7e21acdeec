import { ERRORS, VitrineError } from '@vitrine/contracts';
import { encodeSafetensors, type HostTensor } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';

const metaSchema = z.strictObject({ step: z.int(), history: z.string() });
const decode = (bytes: Uint8Array) => decodeCheckpoint('train', metaSchema, bytes);

function refusal(bytes: Uint8Array): VitrineError | undefined {
  try {
    decode(bytes);
  } catch (error) {
    return error instanceof VitrineError ? error : undefined;
  }
  return undefined;
}

const float32 = fc.float32Array({ maxLength: 20 }).map((data): HostTensor => {
  return { dtype: 'float32', shape: [data.length], data };
});
const int32 = fc.int32Array({ maxLength: 20 }).map((data): HostTensor => {
  return { dtype: 'int32', shape: [1, data.length], data };
});
const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,12}$/);

describe('a checkpoint', () => {
  it('comes back bit for bit, arrays and state', () => {
    const contents = fc.record({
      arrays: fc.dictionary(name, fc.oneof(float32, int32), { noNullPrototype: true }),
      meta: fc.record({ step: fc.nat(), history: fc.string() }),
    });
    fc.assert(
      fc.property(contents, (content) => {
        const bytes = encodeCheckpoint('train', content);
        expect(decode(bytes)).toEqual(content);
        expect(encodeCheckpoint('train', decode(bytes))).toEqual(bytes);
      }),
    );
  });

  it('of another format is refused as made by other code, and tried again elsewhere', () => {
    const error = refusal(encodeSafetensors({}, { format: '2', kind: 'train', meta: '{}' }));
    expect(error).toMatchObject({
      code: 'CodeVersionMismatch',
      details: { where: 'checkpoint of a train stage, metadata.format', expected: '1', actual: '2' },
    });
    expect(ERRORS.CodeVersionMismatch.retry).toBe('uncounted');
    expect(refusal(encodeSafetensors({}))).toMatchObject({ details: { actual: 'none' } });
  });

  it('of another stage kind is refused', () => {
    const bytes = encodeCheckpoint('evaluate', { arrays: {}, meta: { step: 1, history: '' } });
    expect(refusal(bytes)).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { expected: 'train', actual: 'evaluate' },
    });
  });

  it('with other state than the stage wrote is refused by field', () => {
    const error = refusal(encodeCheckpoint('train', { arrays: {}, meta: { step: 'one', history: '' } }));
    expect(error).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: 'checkpoint of a train stage, metadata.meta, step' },
    });
    const broken = encodeSafetensors({}, { format: '1', kind: 'train', meta: '{"step"' });
    expect(refusal(broken)).toMatchObject({ details: { expected: 'JSON', actual: '{"step"' } });
  });

  it('cut short is refused with what is wrong in the file', () => {
    const whole = encodeCheckpoint('train', {
      arrays: { weight: { dtype: 'float32', shape: [2], data: new Float32Array([1, 2]) } },
      meta: { step: 1, history: '' },
    });
    const error = refusal(whole.subarray(0, whole.length - 3));
    expect(error).toMatchObject({ code: 'ArtifactCorrupt', details: { expected: 'a safetensors file' } });
    expect(error?.details.actual).toMatch(/weight/);
  });
});
