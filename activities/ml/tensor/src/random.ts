/**
 * Randomness as a function: the same key gives the same numbers in any process, at any time, in any order of calls.
 *
 * Composition of the Philox4x32-10 words (all uint32, so nothing wraps within a key):
 *
 *     key     = (seed, purpose)
 *     counter = (block, index, step, 0)       block counts groups of four output words, from 0
 *
 * Two different (seed, purpose, step, index) never share a block: one call can draw up to 2^34 words without reaching a
 * neighbour. Counter word 3 is the number of a draw inside a program (`stateless-random.ts`).
 *
 * Log, sine and cosine are V8's port of fdlibm, the same on every platform that Node runs on.
 */
import { philox4x32 } from './philox.js';

/** What a stream of random numbers is for; two purposes never share numbers. */
export const PURPOSE = {
  initialisation: 1,
  shuffle: 2,
  augmentation: 3,
  noiseStart: 4,
  attackStart: 5,
  gaussian: 6,
  permutation: 7,
  nullspaceSample: 8,
  batchChoice: 9,
  diffusionTime: 20,
  diffusionNoise: 21,
  sampleStart: 22,
  samplingNoise: 23,
  smoothing: 24,
  dropout: 25,
  smoothingBack: 26,
  smoothedAttack: 27,
  attentionPerturbation: 28,
  gateStart: 30,
  gateNoise: 31,
  gateDepth: 32,
  randomMask: 33,
  tieBreak: 34,
  counting: 35,
  countingOrder: 37,
  perturbation: 36,
  adversarialStart: 60,
  strongAugmentation: 61,
  mixing: 62,
  erasing: 65,
  corruption: 63,
  resampling: 64,
  squareAttack: 70,
} as const;

/** Names one stream of random numbers; uint32 each, `step` and `index` 0 when absent. */
export interface RandomKey {
  readonly seed: number;
  readonly purpose: number;
  readonly step?: number;
  readonly index?: number;
}

const MAX_WORDS = 2 ** 34;

function uint32(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`RandomKey.${name}: expected an integer from 0 to 4294967295, got ${value}`);
  return value;
}

function checkedCount(count: number): number {
  if (!Number.isInteger(count) || count < 0 || count > MAX_WORDS)
    throw new RangeError(`random numbers: expected a count from 0 to 2^34, got ${count}`);
  return count;
}

/** The coordinates of a stream. @throws RangeError if a field of the key is no uint32 */
export function randomCoordinates({ seed, purpose, step = 0, index = 0 }: RandomKey): Required<RandomKey> {
  return {
    seed: uint32(seed, 'seed'),
    purpose: uint32(purpose, 'purpose'),
    step: uint32(step, 'step'),
    index: uint32(index, 'index'),
  };
}

/**
 * `count` uniform 32-bit words.
 * @throws RangeError if a field of the key is no uint32 or the count is no integer in [0, 2^34]
 */
export function randomBits(key: RandomKey, count: number): Uint32Array {
  const words = checkedCount(count);
  const { seed, purpose, step, index } = randomCoordinates(key);
  const philoxKey = [seed, purpose] as const;
  const blocks = Math.ceil(words / 4);
  const bits = new Uint32Array(blocks * 4);
  for (let block = 0; block < blocks; block++)
    philox4x32({ key: philoxKey, counter: [block, index, step, 0] }, bits, block * 4);
  return bits.length === words ? bits : bits.subarray(0, words);
}

/** `count` numbers from [0, 1): the 2^24 multiples of 2^-24, all exact in float32. */
export function uniform(key: RandomKey, count: number): Float32Array {
  const bits = randomBits(key, count);
  return Float32Array.from(bits, (word) => (word >>> 8) * 2 ** -24);
}

/**
 * `count` numbers from N(0, 1) by the Box-Muller transform. The radius takes u = (word + 1) / 2^32 in (0, 1], so the
 * logarithm is finite; the largest magnitude is √(2 ln 2^32) ≈ 6.66.
 */
export function normal(key: RandomKey, count: number): Float32Array {
  const pairs = Math.ceil(checkedCount(count) / 2);
  const bits = randomBits(key, pairs * 2);
  const values = new Float32Array(count);
  for (let pair = 0; pair < pairs; pair++) {
    const radius = Math.sqrt(-2 * Math.log((bits[2 * pair] + 1) * 2 ** -32));
    const angle = 2 * Math.PI * bits[2 * pair + 1] * 2 ** -32;
    values[2 * pair] = radius * Math.cos(angle);
    if (2 * pair + 1 < count) values[2 * pair + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * A uniformly chosen order of 0 … n − 1 (Fisher-Yates, from the end). Each draw takes 53 bits, so the bias of one
 * choice is below n · 2^-53.
 */
export function permutation(key: RandomKey, n: number): Uint32Array {
  const bits = randomBits(key, 2 * n);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let last = n - 1; last > 0; last--) {
    const fraction = (bits[2 * last] * 2 ** 21 + (bits[2 * last + 1] >>> 11)) * 2 ** -53;
    const chosen = Math.floor(fraction * (last + 1));
    const held = order[last];
    order[last] = order[chosen];
    order[chosen] = held;
  }
  return order;
}
