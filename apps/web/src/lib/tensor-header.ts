export interface TensorFacts {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly count: number;
}

/** A header longer than this is none. */
const LONGEST = 16_000_000;

/**
 * The arrays of a safetensors file: its first eight bytes say how long the JSON is that describes them. Only that much is
 * fetched, however large the file is.
 */
export async function readTensorHeader(path: string, signal: AbortSignal): Promise<readonly TensorFacts[]> {
  const enough = new AbortController();
  const response = await fetch(path, { signal: AbortSignal.any([signal, enough.signal]) });
  if (!response.ok || !response.body) throw new Error(`The file cannot be read: status ${response.status}.`);
  const reader = response.body.getReader();
  let got = new Uint8Array(0);
  for (;;) {
    const wanted = headerEnd(got);
    if (wanted !== undefined && got.length >= wanted) {
      enough.abort();
      return parseTensorHeader(got);
    }
    const { done, value } = await reader.read();
    if (done) throw new Error('The file ends within its header.');
    const both = new Uint8Array(got.length + value.length);
    both.set(got);
    both.set(value, got.length);
    got = both;
  }
}

/** Where the header ends, once its length is known. @throws Error when no header is so long */
function headerEnd(start: Uint8Array): number | undefined {
  if (start.length < 8) return undefined;
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(LONGEST)) throw new Error('The file is not in the format safetensors.');
  return 8 + Number(length);
}

/** @param start at least the whole header */
export function parseTensorHeader(start: Uint8Array): readonly TensorFacts[] {
  const end = headerEnd(start) ?? 8;
  const header = JSON.parse(new TextDecoder().decode(start.subarray(8, end))) as Record<
    string,
    { dtype?: string; shape?: readonly number[] }
  >;
  return Object.entries(header).flatMap(([name, { dtype, shape }]) =>
    dtype === undefined || shape === undefined
      ? []
      : [{ name, dtype, shape, count: shape.reduce((product, size) => product * size, 1) }],
  );
}
