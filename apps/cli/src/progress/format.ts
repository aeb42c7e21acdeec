/** `8.4 s`, `3 min 12 s`, `2 h 5 min`: two units at most. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Steps a second, with two digits that mean something; slow ones the other way round. */
export function formatRate(perSecond: number): string {
  if (perSecond <= 0) return '';
  if (perSecond < 0.1) return `${formatDuration(1 / perSecond)} a step`;
  return `${perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond))} steps/s`;
}

/** A measured number in at most six characters or so. */
export function formatMetric(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(1);
  return value.toPrecision(size < 1 ? 3 : 4);
}

export function formatPercent(fraction: number, digits = 1): string {
  return `${(100 * fraction).toFixed(digits)} %`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power - 1] ?? 'B'}`;
}

/** `2026-11-28 22:51:26` of an ISO time, which is UTC. */
export function formatTime(at: string): string {
  return at.replace('T', ' ').slice(0, 19);
}
