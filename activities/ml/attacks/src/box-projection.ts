/**
 * The smallest change in L∞ that takes a point of the box [0, 1]ⁿ onto the plane ⟨w, z⟩ = b within the box, or, where that cannot be
 * reached, as near as the box lets it: Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive boundary
 * attack", ICML 2020, problem 4.
 *
 * With r_i the room that entry i has in the direction that helps, Σ |w_i| min(t, r_i) must be the distance c = |⟨w, x⟩ − b|. It is
 * concave and piecewise linear in t, so that Newton's method ends at the solution after finitely many steps, always from below.
 */
export interface Plane {
  readonly slope: Float32Array;
  /** ⟨w, x⟩ − b at a point x: by how much it is off. */
  readonly offset: number;
}

/** @returns the change of each entry */
export function towardsPlane(point: Float32Array, { slope, offset }: Plane): Float32Array {
  const side = offset >= 0 ? 1 : -1;
  const wanted = Math.abs(offset);
  const room = (at: number): number => {
    const weight = (slope[at] ?? 0) * side;
    return weight > 0 ? (point[at] ?? 0) : weight < 0 ? 1 - (point[at] ?? 0) : 0;
  };
  let reach = 0;
  // Each step frees at least one entry of its bound, or ends.
  for (let step = 0; step <= point.length; step++) {
    let bounded = 0;
    let free = 0;
    for (let at = 0; at < point.length; at++) {
      const weight = Math.abs(slope[at] ?? 0);
      const own = room(at);
      if (own > reach) free += weight;
      else bounded += weight * own;
    }
    const next = free > 0 ? (wanted - bounded) / free : Infinity;
    if (!(next > reach)) break;
    reach = next;
    if (reach === Infinity) break;
  }
  return point.map((_, at) => -Math.sign((slope[at] ?? 0) * side) * Math.min(reach, room(at)));
}
