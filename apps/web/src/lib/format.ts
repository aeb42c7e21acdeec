/** `1 h 12 min`, `4 min 5 s`, `12 s`, `0.4 s`: two parts at most. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const total = Math.max(0, seconds);
  if (total < 9.95) return `${total.toFixed(1)} s`;
  const whole = Math.round(total);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** Seconds between two times, the second of which may be now. */
export function secondsBetween(from: string, to: string | undefined, now: number): number {
  return ((to === undefined ? now : Date.parse(to)) - Date.parse(from)) / 1000;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, three digits. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  // Rounding may carry into the next unit: 999,950 bytes are 1 MB.
  while (unit < UNITS.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${UNITS[unit] ?? ''}`;
}

/** A measured number in four digits, as people read it. */
export function measured(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return whole(value);
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace('-', '−');
}

/** `18,204`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US').replace('-', '−');
}

/** `just now`, `3 min ago`, `2 h ago`, then the day. */
export function ago(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.round(seconds / 86_400)} d ago`;
  return iso.slice(0, 10);
}

/** With its zone, for whoever wants to know exactly. */
export function exactTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** `1 stage`, `3 stages`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
