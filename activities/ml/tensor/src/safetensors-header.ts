/** The header of a safetensors file: reading it strictly. */
import { FILE_TYPES, isFileType, type FileTypeName } from './safetensors-dtype.js';
import { SafetensorsError } from './safetensors-error.js';
import { sizeOfShape } from './state-dict.js';

/** The reference implementation refuses longer headers; it bounds what a hostile file can make a reader allocate. */
const MAX_HEADER_BYTES = 100_000_000;
const PREFIX_BYTES = 8;

export interface TensorEntry {
  readonly name: string;
  readonly type: FileTypeName;
  readonly shape: readonly number[];
  /** Byte range from the start of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  const fail = (actual: string, cause?: unknown): never => {
    const error = new SafetensorsError('header', PREFIX_BYTES, { expected: 'a JSON object', actual });
    throw Object.assign(error, { cause });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  return isRecord(parsed) ? parsed : fail(Array.isArray(parsed) ? 'an array' : `${typeof parsed}`);
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const fail = (actual: string): never => {
    throw new SafetensorsError('__metadata__', PREFIX_BYTES, { expected: 'text values by name', actual });
  };
  if (!isRecord(value)) return fail(JSON.stringify(value));
  const odd = Object.entries(value).find(([, text]) => typeof text !== 'string');
  if (odd) return fail(`${JSON.stringify(odd[1])} for '${odd[0]}'`);
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, dataStart: number): TensorEntry {
  const fail = (expected: string, actual: unknown): never => {
    throw new SafetensorsError(`header of tensor '${name}'`, PREFIX_BYTES, {
      expected,
      actual: JSON.stringify(actual) ?? 'nothing',
    });
  };
  if (!isRecord(value)) return fail('an object', value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isFileType(dtype)) return fail(`dtype ${Object.keys(FILE_TYPES).join(', ')}`, dtype);
  if (!Array.isArray(shape) || !shape.every(isCount))
    return fail('shape, a list of whole numbers ≥ 0', shape);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail('data_offsets, two whole numbers ≥ 0', offsets);
  const [begin = 0, end = 0] = offsets;
  const bytes = sizeOfShape(shape) * FILE_TYPES[dtype].bytes;
  if (end - begin !== bytes)
    throw new SafetensorsError(`tensor '${name}'`, dataStart + begin, {
      expected: `${bytes} bytes of ${dtype} [${shape.join(', ')}]`,
      actual: `data_offsets [${begin}, ${end}], ${end - begin} bytes`,
    });
  return { name, type: dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

/** Every byte of the data belongs to exactly one tensor: no gap, no overlap, no rest. */
function checkCoverage(entries: readonly TensorEntry[], dataStart: number, fileBytes: number): void {
  let reached = dataStart;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached)
      throw new SafetensorsError(`tensor '${name}'`, begin, {
        expected: `data from byte ${reached}, where the tensor before it ends`,
        actual:
          begin < reached ? `an overlap of ${reached - begin} bytes` : `a gap of ${begin - reached} bytes`,
      });
    if (end > fileBytes)
      throw new SafetensorsError(`tensor '${name}'`, begin, {
        expected: `${end - begin} bytes, up to byte ${end}`,
        actual: `a file of ${fileBytes} bytes (truncated)`,
      });
    reached = end;
  }
  if (reached !== fileBytes)
    throw new SafetensorsError('end of data', reached, {
      expected: `the file to end`,
      actual: `${fileBytes - reached} further bytes`,
    });
}

/** @throws SafetensorsError */
export function readHeader(bytes: Uint8Array): Header {
  if (bytes.byteLength < PREFIX_BYTES)
    throw new SafetensorsError('header length', 0, {
      expected: '8 bytes',
      actual: `a file of ${bytes.byteLength} bytes`,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const room = Math.min(bytes.byteLength - PREFIX_BYTES, MAX_HEADER_BYTES);
  if (headerBytes > room)
    throw new SafetensorsError('header length', 0, { expected: `at most ${room}`, actual: `${headerBytes}` });
  const dataStart = PREFIX_BYTES + headerBytes;
  const { __metadata__: metadata, ...tensors } = parseJson(bytes.subarray(PREFIX_BYTES, dataStart));
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value, dataStart));
  checkCoverage(entries, dataStart, bytes.byteLength);
  return { entries, metadata: readMetadata(metadata) };
}
