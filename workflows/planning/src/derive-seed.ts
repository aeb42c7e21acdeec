const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/**
 * Seed of a named part: MurmurHash3 (x86, 32 bits; Appleby, 2011) of the name's UTF-8 bytes with `seed` as the hash's own
 * seed. Stable for ever: recorded runs are reproduced by it.
 * @param seed unsigned 32 bits
 * @returns unsigned 32 bits
 */
export function deriveSeed(seed: number, name: string): number {
  const bytes = new TextEncoder().encode(name);
  let hash = seed;
  const wholeBlocks = bytes.length - (bytes.length % 4);
  for (let i = 0; i < wholeBlocks; i += 4) {
    hash = rotateLeft(hash ^ scramble(littleEndian(bytes.subarray(i, i + 4))), 13);
    hash = Math.imul(hash, 5) + 0xe6546b64;
  }
  hash ^= scramble(littleEndian(bytes.subarray(wholeBlocks)));
  return finalMix(hash ^ bytes.length);
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((word, byte) => (word << 8) | byte, 0);
}

function scramble(word: number): number {
  return Math.imul(rotateLeft(Math.imul(word, C1), 15), C2);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finalMix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
