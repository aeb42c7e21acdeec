/** A square image of bytes, channels first: what a codec gives and Pillow's operations work on. */
export interface ByteImage {
  /** C × S × S. */
  readonly pixels: Uint8Array;
  readonly channels: number;
  readonly size: number;
}

/** One channel's bytes, shared. */
export const channelOf = ({ pixels, size }: ByteImage, channel: number): Uint8Array =>
  pixels.subarray(channel * size ** 2, (channel + 1) * size ** 2);

export const clipByte = (value: number): number => Math.min(Math.max(value, 0), 255);

/** Every byte of every channel by a table of its own. */
export function mapChannels(
  image: ByteImage,
  tableOf: (channel: Uint8Array) => ArrayLike<number>,
): ByteImage {
  const pixels = new Uint8Array(image.pixels.length);
  for (let channel = 0; channel < image.channels; channel++) {
    const bytes = channelOf(image, channel);
    const table = tableOf(bytes);
    pixels.set(
      bytes.map((byte) => table[byte] ?? byte),
      channel * bytes.length,
    );
  }
  return { ...image, pixels };
}

/** Every byte by the same table. */
export function mapBytes(image: ByteImage, value: (byte: number) => number): ByteImage {
  const table = Array.from({ length: 256 }, (_, byte) => value(byte));
  return mapChannels(image, () => table);
}

/** How often each byte occurs. */
export function histogram(bytes: Uint8Array): number[] {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts;
}
