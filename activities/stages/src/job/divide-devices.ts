import type { StageKind } from '@vitrine/contracts';
import { STAGE_RUNNERS } from '../registry.js';

/**
 * What the stage's process sees and what those see that it may start for its further devices. Threads and devices are
 * read by the native library as it starts, so they are set before a process is. A program of one's own sees them all.
 * @param gpus what CUDA calls each device of the pool; none of a processor
 */
export function divideDevices(
  kind: StageKind,
  devices: readonly number[],
  gpus: readonly string[],
): { readonly own: string[]; readonly others: string[][] } {
  const names = devices.map((index) => [gpus[index] ?? []].flat());
  const [first = [], ...others] = names;
  return STAGE_RUNNERS[kind].computes ? { own: first, others } : { own: names.flat(), others: [] };
}
