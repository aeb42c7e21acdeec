import { BALANCE } from './hard-concrete.js';

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Mean over tokens of Π P(z > 0), of logits [G, M] moved by `add`. */
function meanMaskAt(logits: Float32Array, gates: number, add: number): number {
  const M = logits.length / gates;
  let sum = 0;
  for (let token = 0; token < M; token++) {
    let log = 0;
    for (let gate = 0; gate < gates; gate++) log -= softplus(BALANCE - add - (logits[gate * M + token] ?? 0));
    sum += Math.exp(log);
  }
  return sum / M;
}

/**
 * What to add to every logit so that the mean mask becomes `meanMask`, by bisection: it rises from 0 to 1 with the number.
 * The released settings start anywhere between 0 and 30 % masked, by luck of the seed, and both ends are traps.
 */
export function calibrateAdd(logits: Float32Array, gates: number, meanMask: number): number {
  let [low, high] = [-100, 100];
  for (let pass = 0; pass < 60; pass++) {
    const middle = (low + high) / 2;
    if (meanMaskAt(logits, gates, middle) < meanMask) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
