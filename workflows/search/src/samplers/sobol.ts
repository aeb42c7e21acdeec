import { pointAt } from '../points.js';
import { mix } from '../random.js';
import { firstAllowed, type Sampler, type SearchSpace } from './sampler.js';
import { SOBOL_ROWS } from './sobol-rows.js';

const BITS = 32;

/** A Sobol sequence of as many dimensions as the space, each scrambled by itself. Has no more than 2³² points. */
export function sobolSampler(space: SearchSpace): Sampler {
  const directions = space.axes.map((_, axis) => directionNumbers(axis));
  return {
    suggest: (from) => {
      return firstAllowed(space, from, (draw) =>
        pointAt(space.axes, (axis) => {
          const word = sobolWord(directions[axis] ?? [], draw);
          return scramble(word, mix(space.seed, axis)) / 2 ** BITS;
        }),
      );
    },
  };
}

/** Dimension `axis` of point `index`, unscrambled, as 32 bits behind the point; in the order of the index, not of Gray's code. */
export function sobolWord(directions: readonly number[], index: number): number {
  let word = 0;
  for (let bit = 0, rest = index; rest > 0; bit += 1, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) word ^= directions[bit] ?? 0;
  return word >>> 0;
}

/** Joe & Kuo, Constructing Sobol sequences with better two-dimensional projections, 2008. */
export function directionNumbers(axis: number): number[] {
  const [polynomial = 0, ...initial] = SOBOL_ROWS[axis % SOBOL_ROWS.length] ?? [];
  const degree = initial.length;
  const words: number[] = [];
  for (let bit = 0; bit < BITS; bit += 1) {
    if (degree === 0 || axis === 0) words.push((1 << (BITS - 1 - bit)) >>> 0);
    else if (bit < degree) words.push(((initial[bit] ?? 0) << (BITS - 1 - bit)) >>> 0);
    else {
      const before = words[bit - degree] ?? 0;
      let word = before ^ (before >>> degree);
      for (let k = 1; k < degree; k += 1) if ((polynomial >>> (degree - k)) & 1) word ^= words[bit - k] ?? 0;
      words.push(word >>> 0);
    }
  }
  return words;
}

/** Nested uniform scrambling by a hash (Burley, Practical hash-based Owen scrambling, 2020). */
export function scramble(word: number, seed: number): number {
  let bits = reverse(word);
  bits = (bits + seed) | 0;
  bits = bits ^ Math.imul(bits, 0x6c50b47c);
  bits = bits ^ Math.imul(bits, 0xb82f1e52);
  bits = bits ^ Math.imul(bits, 0xc7afe638);
  bits = bits ^ Math.imul(bits, 0x8d22f6e6);
  return reverse(bits);
}

function reverse(word: number): number {
  let bits = word >>> 0;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
