/**
 * The float32 arrays of a safetensors file by name. An independent reader, so that a published number is checked against
 * the stored bytes by other code than wrote them.
 */
export function readFloats(file: Uint8Array): Record<string, Float32Array> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >;
  const arrays: Record<string, Float32Array> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__' || entry.dtype !== 'F32') continue;
    const [begin, end] = entry.data_offsets;
    arrays[name] = new Float32Array(file.slice(8 + length + begin, 8 + length + end).buffer);
  }
  return arrays;
}
