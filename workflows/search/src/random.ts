/**
 * Uniform numbers of a seed and a path of numbers (purpose, index, …), each path a stream of its own: sfc32 (Doty-Humphrey,
 * PractRand), started from mixed words. For suggestions, which are recorded when they are made; never for training.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, ...path: readonly number[]) {
    const word = (salt: number): number => path.reduce((hash, part) => mix(hash, part), mix(seed, salt));
    [this.a, this.b, this.c] = [word(1), word(2), word(3)];
    for (let round = 0; round < 12; round += 1) this.bits();
  }

  /** Unsigned 32 bits. */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** In [0, 1), 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** From 0 to `count - 1`. */
  below(count: number): number {
    return Math.min(count - 1, Math.floor(this.uniform() * count));
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Finalizer of MurmurHash3 over both words. */
export function mix(hash: number, word: number): number {
  let mixed = (Math.imul(hash, 0x9e3779b1) ^ (word + 0x7f4a7c15)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
