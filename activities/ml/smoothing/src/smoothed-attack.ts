/**
 * PGD on a smoothed model that knows of its noise and its denoiser: every step climbs the gradient averaged over fresh draws
 * (expectation over transformations: Athalye, Engstrom, Ilyas, Kwok, "Synthesizing Robust Adversarial Examples", ICML 2018; on
 * smoothed classifiers Salman et al., NeurIPS 2019). With σ = 0 and one draw it is PGD on the model itself.
 */
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import type { Drawer, DrawnImage, Wish } from './draws.js';

export interface SmoothedAttack extends Omit<Wish, 'image' | 'step'> {
  readonly norm: 'l2' | 'linf';
  /** Of the ball, for pixels in [0, 1]. */
  readonly radius: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly seed: number;
  /** Whether pixels stay in [0, 1]; a certificate holds outside too. */
  readonly clip: boolean;
}

/** Yields after every step; gives the pixels at the end. */
export function* attackSmoothed(
  drawer: Pick<Drawer, 'push'>,
  { index: image, pixels: clean }: DrawnImage,
  attack: SmoothedAttack,
): Generator<void, Float32Array, void> {
  const { steps, stepSize, norm, seed, aim, label, inside } = attack;
  const start = uniform({ seed, purpose: PURPOSE.attackStart, index: image }, clean.length);
  let offset = inBall(
    start.map(
      (u) => (2 * u - 1) * (norm === 'linf' ? attack.radius : attack.radius / Math.sqrt(clean.length)),
    ),
    clean,
    attack,
  );
  for (let step = 0; step < steps; step++) {
    const gradient = drawer.push(added(clean, offset), { aim, label, inside, image, step });
    const direction = norm === 'linf' ? gradient.map(Math.sign) : unit(gradient);
    offset = inBall(
      offset.map((value, i) => value + stepSize * (direction[i] ?? 0)),
      clean,
      attack,
    );
    yield;
  }
  return added(clean, offset);
}

const added = (clean: Float32Array, offset: Float32Array): Float32Array =>
  clean.map((value, i) => value + (offset[i] ?? 0));

const length = (vector: Float32Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/** Of length 1; a vector of zeros stays. */
function unit(vector: Float32Array): Float32Array {
  const size = length(vector);
  return size > 0 ? vector.map((value) => value / size) : vector;
}

function inBall(
  offset: Float32Array,
  clean: Float32Array,
  { norm, radius, clip }: Pick<SmoothedAttack, 'norm' | 'radius' | 'clip'>,
): Float32Array {
  const size = length(offset);
  const shrink = size > radius ? radius / size : 1;
  const bounded = offset.map((value) =>
    norm === 'linf' ? Math.min(radius, Math.max(-radius, value)) : value * shrink,
  );
  if (!clip) return bounded;
  return bounded.map((value, i) => Math.min(1, Math.max(0, (clean[i] ?? 0) + value)) - (clean[i] ?? 0));
}
