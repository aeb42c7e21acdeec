/**
 * The cosine transform of 8 × 8 blocks and its inverse in whole numbers, bit for bit libjpeg's `islow`: Loeffler, Ligtenberg,
 * Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications", ICASSP 1989.
 */

/** Multiples of 2^-13. */
const C = {
  c0298: 2446,
  c0390: 3196,
  c0541: 4433,
  c0765: 6270,
  c0899: 7373,
  c1175: 9633,
  c1501: 12299,
  c1847: 15137,
  c1961: 16069,
  c2053: 16819,
  c2562: 20995,
  c3072: 25172,
};
const CONSTANT_BITS = 13;
/** Bits kept between the passes. */
const PASS_BITS = 2;

const descale = (value: number, bits: number): number => (value + 2 ** (bits - 1)) >> bits;

type Eight = readonly [number, number, number, number, number, number, number, number];

/** Sums of the odd half that both directions share. */
function oddHalf([a, b, c, d]: readonly [number, number, number, number]): Eight {
  const z5 = (a + c + b + d) * C.c1175;
  const z1 = -(a + d) * C.c0899;
  const z2 = -(b + c) * C.c2562;
  const z3 = z5 - (a + c) * C.c1961;
  const z4 = z5 - (b + d) * C.c0390;
  return [
    a * C.c0298 + z1 + z3,
    b * C.c2053 + z2 + z4,
    c * C.c3072 + z2 + z3,
    d * C.c1501 + z1 + z4,
    ...([0, 0, 0, 0] as const),
  ];
}

/** @param shift bits that the first and fifth output lose (negative: gain) */
function forwardEight(d: Eight, shift: number): Eight {
  const sums = [d[0] + d[7], d[1] + d[6], d[2] + d[5], d[3] + d[4]] as const;
  const [o7, o5, o3, o1] = oddHalf([d[3] - d[4], d[2] - d[5], d[1] - d[6], d[0] - d[7]]);
  const [t10, t13] = [sums[0] + sums[3], sums[0] - sums[3]];
  const [t11, t12] = [sums[1] + sums[2], sums[1] - sums[2]];
  const z1 = (t12 + t13) * C.c0541;
  const whole = (value: number): number => (shift < 0 ? value << -shift : descale(value, shift));
  const odd = (value: number): number => descale(value, CONSTANT_BITS + shift);
  return [
    whole(t10 + t11),
    odd(o1),
    odd(z1 + t13 * C.c0765),
    odd(o3),
    whole(t10 - t11),
    odd(o5),
    odd(z1 - t12 * C.c1847),
    odd(o7),
  ];
}

function inverseEight(d: Eight, bits: number): Eight {
  const z1 = (d[2] + d[6]) * C.c0541;
  const [t2, t3] = [z1 - d[6] * C.c1847, z1 + d[2] * C.c0765];
  const [t0, t1] = [(d[0] + d[4]) << CONSTANT_BITS, (d[0] - d[4]) << CONSTANT_BITS];
  const [t10, t13, t11, t12] = [t0 + t3, t0 - t3, t1 + t2, t1 - t2];
  const [o0, o1, o2, o3] = oddHalf([d[7], d[5], d[3], d[1]]);
  return [t10 + o3, t11 + o2, t12 + o1, t13 + o0, t13 - o0, t12 - o1, t11 - o2, t10 - o3].map((value) =>
    descale(value, bits),
  ) as unknown as Eight;
}

/** Every row, or every column, of a block replaced by a function of it. */
function eachEight(block: Int32Array, stride: 1 | 8, change: (eight: Eight) => Eight): void {
  for (let line = 0; line < 8; line++) {
    const first = stride === 1 ? line * 8 : line;
    const eight = Array.from({ length: 8 }, (_, i) => block[first + i * stride] ?? 0);
    change(eight as unknown as Eight).forEach((value, i) => (block[first + i * stride] = value));
  }
}

/** In place: samples around 0 become coefficients times 8. */
export function transformBlock(block: Int32Array): void {
  eachEight(block, 1, (eight) => forwardEight(eight, -PASS_BITS));
  eachEight(block, 8, (eight) => forwardEight(eight, PASS_BITS));
}

/** In place: coefficients become samples around 0. */
export function restoreBlock(block: Int32Array): void {
  eachEight(block, 8, (eight) => inverseEight(eight, CONSTANT_BITS - PASS_BITS));
  eachEight(block, 1, (eight) => inverseEight(eight, CONSTANT_BITS + PASS_BITS + 3));
}
