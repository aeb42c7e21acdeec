/**
 * safetensors: an 8-byte little-endian header length, a JSON header, the tensors' bytes.
 * Format: https://github.com/huggingface/safetensors (README, "Format"). The same state always gives the same bytes.
 */
import { FILE_TYPES } from './safetensors-dtype.js';
import { SafetensorsError } from './safetensors-error.js';
import { readHeader, type TensorEntry } from './safetensors-header.js';
import { checkHostTensor, sizeOfShape, type HostTensor, type StateDict } from './state-dict.js';

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/**
 * The file for a state: tensors and metadata in the order of their names (by UTF-16 code unit), the header padded with
 * spaces to a multiple of 8 bytes as the reference implementation does.
 * @throws ShapeError if a tensor's data do not fit its shape
 */
export function encodeSafetensors(state: StateDict, metadata: Record<string, string> = {}): Uint8Array {
  const sorted = Object.entries(state).sort(byName);
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0)
    header['__metadata__'] = Object.fromEntries(Object.entries(metadata).sort(byName));
  let end = 0;
  for (const [name, tensor] of sorted) {
    const begin = end;
    end += checkHostTensor(tensor, name).data.byteLength;
    const dtype = tensor.dtype === 'float32' ? 'F32' : 'I32';
    header[name] = { dtype, shape: tensor.shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function readTensor(bytes: Uint8Array, entry: TensorEntry): HostTensor {
  const { name, shape, type, begin, end } = entry;
  const { dtype, bytes: width, read } = FILE_TYPES[type];
  const size = sizeOfShape(shape);
  // The copy has its own buffer, so it is aligned whatever the header's length. (Buffer's `slice` would copy nothing.)
  const copy = new Uint8Array(bytes.subarray(begin, end));
  if (type === 'F32') return { dtype, shape, data: new Float32Array(copy.buffer) };
  if (type === 'I32') return { dtype, shape, data: new Int32Array(copy.buffer) };
  const view = new DataView(copy.buffer);
  const data = dtype === 'float32' ? new Float32Array(size) : new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const value = read(view, i * width);
    if (value === undefined)
      throw new SafetensorsError(`tensor '${name}', element ${i}`, begin + i * width, {
        expected: 'a number that fits int32',
        actual: `${view.getBigInt64(i * width, true)}`,
      });
    data[i] = value;
  }
  return { dtype, shape, data };
}

/**
 * Reads F32, F16, BF16, F64 (rounded to float32), I32, I64 (if it fits int32) and U8. The arrays are copies.
 * @throws SafetensorsError naming the tensor and the byte offset
 */
export function decodeSafetensors(bytes: Uint8Array): {
  state: StateDict;
  metadata: Record<string, string>;
} {
  const { entries, metadata } = readHeader(bytes);
  return {
    state: Object.fromEntries(entries.map((entry) => [entry.name, readTensor(bytes, entry)])),
    metadata,
  };
}
