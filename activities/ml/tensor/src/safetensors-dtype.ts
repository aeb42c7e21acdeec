/** Element types of a safetensors file and how they become float32 or int32. All are little-endian. */

interface FileType {
  readonly bytes: number;
  readonly dtype: 'float32' | 'int32';
  /** One element at a byte offset; undefined if it does not fit `dtype`. */
  readonly read: (view: DataView, offset: number) => number | undefined;
}

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** IEEE 754 binary16. */
function readHalf(view: DataView, offset: number): number {
  const bits = view.getUint16(offset, true);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
function readBrainHalf(view: DataView, offset: number): number {
  scratch.setUint32(0, view.getUint16(offset, true) << 16, true);
  return scratch.getFloat32(0, true);
}

function readLong(view: DataView, offset: number): number | undefined {
  const value = view.getBigInt64(offset, true);
  return value < INT32_MIN || value > INT32_MAX ? undefined : Number(value);
}

export const FILE_TYPES = {
  F32: { bytes: 4, dtype: 'float32', read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, dtype: 'float32', read: readHalf },
  BF16: { bytes: 2, dtype: 'float32', read: readBrainHalf },
  F64: { bytes: 8, dtype: 'float32', read: (view, at) => view.getFloat64(at, true) },
  I32: { bytes: 4, dtype: 'int32', read: (view, at) => view.getInt32(at, true) },
  I64: { bytes: 8, dtype: 'int32', read: readLong },
  U8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, FileType>;

export type FileTypeName = keyof typeof FILE_TYPES;

export const isFileType = (name: unknown): name is FileTypeName =>
  typeof name === 'string' && Object.hasOwn(FILE_TYPES, name);
