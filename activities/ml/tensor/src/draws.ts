/**
 * Random numbers one after the other, from a stream that a key names: for algorithms that reject, or that draw as many as
 * they turn out to need. Two of the same key give the same numbers in the same order.
 */
import { philox4x32 } from './philox.js';
import { randomCoordinates, type RandomKey } from './random.js';

export class Draws {
  private readonly key: readonly [number, number];
  private readonly place: readonly [number, number];
  private readonly words = new Uint32Array(4);
  private block = 0;
  private used = 4;

  /** @throws RangeError if a field of the key is no uint32 */
  constructor(key: RandomKey) {
    const { seed, purpose, step, index } = randomCoordinates(key);
    this.key = [seed, purpose];
    this.place = [index, step];
  }

  /** 32 random bits. */
  bits(): number {
    if (this.used === 4) {
      const [index, step] = this.place;
      philox4x32({ key: this.key, counter: [this.block++, index, step, 0] }, this.words, 0);
      this.used = 0;
    }
    return this.words[this.used++] ?? 0;
  }

  /** From [0, 1), a multiple of 2^-53. */
  uniform(): number {
    const high = this.bits() >>> 5;
    return (high * 2 ** 26 + (this.bits() >>> 6)) * 2 ** -53;
  }

  /** Whole numbers from `low` up to but not including `high`. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low));
  }

  /** From N(0, 1), by Box and Muller; one of a pair. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** From the gamma distribution of this shape and scale 1 (Marsaglia & Tsang 2000). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** From the beta distribution. */
  beta(a: number, b: number): number {
    const [x, y] = [this.gamma(a), this.gamma(b)];
    return x / (x + y);
  }

  /** From the Poisson distribution of this mean: by inversion, in pieces where the mean is large. */
  poisson(mean: number): number {
    let [count, left] = [0, mean];
    while (left > 0) {
      // exp(-LARGEST_PIECE) is far from the smallest number.
      const piece = Math.min(left, LARGEST_PIECE);
      left -= piece;
      count += this.poissonPiece(piece);
    }
    return count;
  }

  private poissonPiece(mean: number): number {
    const sought = this.uniform();
    let probability = Math.exp(-mean);
    let below = probability;
    let count = 0;
    // Sums are rounded: where nothing can be added to them any more, they need not come to what is sought.
    while (sought >= below && (count < mean || probability > Number.EPSILON ** 2)) {
      count++;
      probability *= mean / count;
      below += probability;
    }
    return count;
  }
}

const LARGEST_PIECE = 500;
