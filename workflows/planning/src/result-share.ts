/**
 * Characters of JSON of all results that one history takes in. It holds 50 MiB, and results are twice in it: as they come, and as
 * they are written down. What it has besides, a run of thousands of stages needs.
 */
const MOST_IN_ONE_HISTORY = 8 * 2 ** 20;
const MOST = 256 * 1024;
/** What references to outputs and a few figures need. */
const LEAST = 2048;

/** Characters that each of so many results may have, so that all of them are held. */
export function resultShare(results: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.floor(MOST_IN_ONE_HISTORY / results)));
}
