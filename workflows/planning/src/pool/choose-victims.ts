import type { PoolLease } from '@vitrine/contracts';

export interface Victims {
  readonly leases: readonly PoolLease[];
  /** Devices times seconds since each was last durable: what is done again. */
  readonly lostDeviceSeconds: number;
}

/** Devices times seconds that are lost when the lease ends now. */
export function lossOf({ devices, safeAt }: PoolLease, now: number): number {
  return (devices * Math.max(0, now - safeAt)) / 1000;
}

/**
 * Of leases that may be taken, those that together give so many devices and lose least: the cheapest by device, without those
 * that the more expensive ones among them make unnecessary.
 * @param mayTake asked once for each, cheapest first, and held to: what it answers may depend on what was taken before
 * @returns undefined when all of them are too few
 */
export function chooseVictims(
  leases: readonly PoolLease[],
  { wanted, now, mayTake }: { wanted: number; now: number; mayTake: (lease: PoolLease) => boolean },
): Victims | undefined {
  const cheapestFirst = [...leases].sort(
    (a, b) => lossOf(a, now) / a.devices - lossOf(b, now) / b.devices || b.grantedAt - a.grantedAt,
  );
  const taken: PoolLease[] = [];
  let devices = 0;
  for (const lease of cheapestFirst) {
    if (devices >= wanted) break;
    if (!mayTake(lease)) continue;
    taken.push(lease);
    devices += lease.devices;
  }
  if (devices < wanted) return undefined;
  const needed = taken.filter((lease) => {
    if (devices - lease.devices < wanted) return true;
    devices -= lease.devices;
    return false;
  });
  return { leases: needed, lostDeviceSeconds: needed.reduce((sum, lease) => sum + lossOf(lease, now), 0) };
}
