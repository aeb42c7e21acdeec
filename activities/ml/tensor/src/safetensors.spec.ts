import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { SafetensorsError } from './safetensors-error.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { sizeOfShape, type HostTensor, type StateDict } from './state-dict.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

const tensors: fc.Arbitrary<HostTensor> = shapes.chain((shape) => {
  const size = sizeOfShape(shape);
  return fc.oneof(
    fc
      .array(fc.float(), { minLength: size, maxLength: size })
      .map((data): HostTensor => ({ dtype: 'float32', shape, data: Float32Array.from(data) })),
    fc
      .array(fc.integer(), { minLength: size, maxLength: size })
      .map((data): HostTensor => ({ dtype: 'int32', shape, data: Int32Array.from(data) })),
  );
});

const names = fc.string({ minLength: 1 }).filter((name) => !['__metadata__', '__proto__'].includes(name));

/** A file with the given header and data. */
function file(header: unknown, data: Uint8Array | number = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const one = (dtype: string, shape: number[], bytes: number): Record<string, unknown> => ({
  w: { dtype, shape, data_offsets: [0, bytes] },
});

describe('writing and reading safetensors', () => {
  it('gives back every bit, names, shapes and metadata included', () => {
    fc.assert(
      fc.property(fc.dictionary(names, tensors), fc.dictionary(names, fc.string()), (state, metadata) => {
        const read = decodeSafetensors(encodeSafetensors(state, metadata));
        expect(Object.keys(read.state).sort()).toEqual(Object.keys(state).sort());
        for (const [name, tensor] of Object.entries(state)) {
          expect(read.state[name]?.shape).toEqual(tensor.shape);
          expect(read.state[name]?.dtype).toEqual(tensor.dtype);
          expect(bytesOf(read.state[name]?.data ?? new Uint8Array())).toEqual(bytesOf(tensor.data));
        }
        expect(read.metadata).toEqual(metadata);
      }),
    );
  });

  it('gives the same bytes whatever the order of the names, with the header padded to 8 bytes', () => {
    const a: HostTensor = { dtype: 'float32', shape: [2], data: new Float32Array([1, 2]) };
    const b: HostTensor = { dtype: 'int32', shape: [], data: new Int32Array([3]) };
    const bytes = encodeSafetensors({ a, b }, { x: '1', y: '2' });
    expect(encodeSafetensors({ b, a }, { y: '2', x: '1' })).toEqual(bytes);
    const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
    expect(headerBytes % 8).toBe(0);
    expect(bytes.length).toBe(8 + headerBytes + 12);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)).trimEnd()).toBe(
      '{"__metadata__":{"x":"1","y":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
        '"b":{"dtype":"I32","shape":[],"data_offsets":[8,12]}}',
    );
  });

  it('reads half, brain half, double, long and byte tensors', () => {
    const halves = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x0000]);
    const read = (header: Record<string, unknown>, data: ArrayBufferView): number[] => [
      ...(decodeSafetensors(file(header, bytesOf(data))).state['w']?.data ?? []),
    ];
    expect(read(one('F16', [6], 12), halves)).toEqual([1, -2, 2 ** -24, 65504, -Infinity, 0]);
    expect(read(one('BF16', [2], 4), new Uint16Array([0x3f80, 0xc049]))).toEqual([1, -3.140625]);
    expect(read(one('F64', [2], 16), new Float64Array([0.1, -2]))).toEqual([Math.fround(0.1), -2]);
    expect(read(one('I64', [2], 16), new BigInt64Array([-5n, 2147483647n]))).toEqual([-5, 2147483647]);
    expect(read(one('U8', [3], 3), new Uint8Array([0, 128, 255]))).toEqual([0, 128, 255]);
  });

  it('reads a view that starts anywhere in a larger buffer', () => {
    const bytes = encodeSafetensors({ w: { dtype: 'float32', shape: [1], data: new Float32Array([5]) } });
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect([...(decodeSafetensors(larger.subarray(3)).state['w']?.data ?? [])]).toEqual([5]);
  });

  it("reads Node's buffers, and what it returns is no view of them", () => {
    const state: StateDict = { w: { dtype: 'float32', shape: [2], data: new Float32Array([5, 6]) } };
    const buffer = Buffer.from(encodeSafetensors(state));
    const read = decodeSafetensors(buffer);
    buffer.fill(0);
    expect(read.state).toEqual(state);
  });

  it('refuses to write data that do not fit their shape', () => {
    const state: StateDict = { w: { dtype: 'float32', shape: [3], data: new Float32Array(2) } };
    expect(() => encodeSafetensors(state)).toThrow('w: expected 3 elements for shape [3], got 2');
  });
});

describe('a damaged safetensors file', () => {
  const message = (bytes: Uint8Array): string => {
    try {
      decodeSafetensors(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(SafetensorsError);
      return (error as Error).message;
    }
    return 'read without an error';
  };
  const two = { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } };

  it.each([
    [
      'is shorter than its prefix',
      new Uint8Array(5),
      'header length at byte 0: expected 8 bytes, got a file of 5',
    ],
    [
      'is cut inside the header',
      file(one('F32', [1], 4), 4).subarray(0, 30),
      'header length at byte 0: expected at most 22',
    ],
    ['has no JSON header', file('{"w":'), 'header at byte 8: expected a JSON object'],
    ['has a list for a header', file([]), 'expected a JSON object, got an array'],
    [
      'has an unknown type',
      file(one('F8_E4M3', [1], 1), 1),
      `header of tensor 'w' at byte 8: expected dtype F32`,
    ],
    [
      'has a negative shape',
      file(one('F32', [-1], 4), 4),
      `expected shape, a list of whole numbers ≥ 0, got [-1]`,
    ],
    [
      'has one offset',
      file({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4),
      'expected data_offsets',
    ],
    [
      'has metadata that is no text',
      file({ __metadata__: { n: 1 } }),
      `__metadata__ at byte 8: expected text values by name, got 1 for 'n'`,
    ],
    [
      'gives a tensor too few bytes',
      file(one('F32', [2], 4), 4),
      `tensor 'w' at byte 62: expected 8 bytes of F32 [2], got data_offsets [0, 4], 4 bytes`,
    ],
    [
      'is cut inside a tensor',
      file(one('F32', [2], 8), 8).subarray(0, 65),
      `tensor 'w' at byte 62: expected 8 bytes, up to byte 70, got a file of 65 bytes (truncated)`,
    ],
    [
      'has bytes left over',
      file(one('F32', [1], 4), 6),
      'end of data at byte 66: expected the file to end, got 2 further bytes',
    ],
    [
      'has overlapping tensors',
      file({ ...two, b: { dtype: 'F32', shape: [1], data_offsets: [2, 6] } }, 6),
      `tensor 'b' at byte 117: expected data from byte 119, where the tensor before it ends, got an overlap of 2 bytes`,
    ],
    [
      'has a gap between tensors',
      file({ ...two, b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] } }, 12),
      'got a gap of 4 bytes',
    ],
  ])('that %s is refused by name and offset', (_, bytes, expected) => {
    expect(message(bytes)).toContain(expected);
  });

  it('whose long does not fit int32 is refused by element', () => {
    const bytes = file(one('I64', [2], 16), bytesOf(new BigInt64Array([1n, 2n ** 31n])));
    expect(message(bytes)).toContain(
      `tensor 'w', element 1 at byte 71: expected a number that fits int32, got 2147483648`,
    );
  });

  it('never crashes the reader otherwise, wherever it is cut or changed', () => {
    const good = encodeSafetensors({
      w: { dtype: 'float32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) },
    });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bad = good.slice(0, length);
        if (at < bad.length) bad[at] = value;
        try {
          decodeSafetensors(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
