/** Cron expressions of five fields, as far as everybody agrees on what they mean. */

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Words for the numbers from `low` on. */
  readonly words?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of month', low: 1, high: 31 },
  {
    name: 'month',
    low: 1,
    high: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  // Sunday is 0, and 7 for those who begin the week with Monday.
  { name: 'day of week', low: 0, high: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

/** Of the longest year. */
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with a cron expression, and what to write instead; undefined when nothing is. */
export function cronProblem(text: string): string | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length)
    return `expected five fields: minute, hour, day of month, month, day of week, such as 30 2 * * *, got ${JSON.stringify(text)}`;
  const values: number[][] = [];
  for (const [index, field] of FIELDS.entries()) {
    const found = valuesOf(parts[index] ?? '', field);
    if (typeof found === 'string') return found;
    values.push(found);
  }
  const [, , day = '', , weekday = ''] = parts;
  if (!day.startsWith('*') && !weekday.startsWith('*'))
    return `expected * for the day of month or the day of week, got ${day} and ${weekday}: crons differ in whether one of the two must hold or both; give several crons instead`;
  return neverFires(values[2] ?? [], values[3] ?? []);
}

function neverFires(days: readonly number[], months: readonly number[]): string | undefined {
  if (months.some((month) => Math.min(...days) <= (DAYS_OF_MONTH[month - 1] ?? 0))) return undefined;
  return `expected a day that comes, got day ${days.join(', ')} of month ${months.join(', ')}: it never fires; for the last day of a month, give day 1 of the next`;
}

function valuesOf(text: string, field: Field): number[] | string {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const values = rangeOf(part, field);
    if (!values)
      return `expected * or numbers from ${field.low} to ${field.high} for the ${field.name}, such as ${field.low}, ${field.low}-${field.low + 2} or */2, got ${JSON.stringify(part)}`;
    values.forEach((value) => found.add(value));
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(part: string, field: Field): number[] | undefined {
  const [, range = '', step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const every = step === undefined ? 1 : Number(step);
  // A step beyond the field is meant for something that it does not do: */90 fires once an hour.
  if (every < 1 || every > field.high - field.low + 1) return undefined;
  const [from, to] = endsOf(range, step !== undefined, field);
  if (from === undefined || to === undefined || from > to) return undefined;
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => from + index * every);
}

function endsOf(
  range: string,
  stepped: boolean,
  field: Field,
): readonly [number | undefined, number | undefined] {
  if (range === '*') return [field.low, field.high];
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) return [undefined, undefined];
  const from = numberOf(first, field);
  if (last !== undefined) return [from, numberOf(last, field)];
  return [from, stepped ? field.high : from];
}

function numberOf(text: string, { low, high, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return low + word;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= low && value <= high ? value : undefined;
}
