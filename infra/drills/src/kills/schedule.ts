/** What is done to a run, by what is to survive it. */
export const FAULTS = ['worker', 'child', 'temporal', 's3', 'partition', 'outage', 'disk-full'] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** It strikes after so many happenings of the run: attempts, checkpoints, steps, ends. */
  readonly after: number;
}

const FAULTS_OF_A_RUN = 3;
/** Of a run of some hundred happenings, so that all strike while it is under way. */
const LAST = 60;

/** The faults of a run, in their order: a function of the seed. Each kind comes first in every seventh run. */
export function scheduleOf(seed: number): Fault[] {
  const random = randomOf(seed);
  const kinds = Array.from({ length: FAULTS_OF_A_RUN }, (_, index) =>
    index === 0 ? seed % FAULTS.length : Math.floor(random() * FAULTS.length),
  );
  const after = kinds.map(() => 2 + Math.floor(random() * LAST)).sort((a, b) => a - b);
  return kinds.map((kind, index) => ({ kind: FAULTS[kind] ?? 'worker', after: after[index] ?? 2 }));
}

/** Mulberry32: small, and good enough to choose by. */
function randomOf(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
