import type { ProjectUse } from '@vitrine/contracts';

/** Of a project that has never held a device. */
export const NO_USE: Omit<ProjectUse, 'at'> = { recent: 0, used: 0, lost: 0 };

/**
 * What a project has used once it has held so many devices until now. What it held in the past fades: after a half-life it
 * counts half.
 */
export function useAt(
  use: ProjectUse,
  { held, now, halfLifeSeconds }: { held: number; now: number; halfLifeSeconds: number },
): ProjectUse {
  const seconds = Math.max(0, now - use.at) / 1000;
  const faded = 2 ** (-seconds / halfLifeSeconds);
  return {
    recent: use.recent * faded + held * (halfLifeSeconds / Math.LN2) * (1 - faded),
    used: use.used + held * seconds,
    lost: use.lost,
    at: Math.max(use.at, now),
  };
}

/** Devices held on average within about a half-life: who has always held n of them has n. */
export function averageHeld(use: ProjectUse, halfLifeSeconds: number): number {
  return (use.recent * Math.LN2) / halfLifeSeconds;
}
