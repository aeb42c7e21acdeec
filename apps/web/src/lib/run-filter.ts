import type { RunStatus } from '../api/types.js';

/** What the list of runs is asked for. */
export interface RunFilter {
  readonly status: readonly RunStatus[];
  readonly pipeline: readonly string[];
  /** Part of a run's id. */
  readonly text: string;
  /** As it was written: `7d`, `12h`, `30m` or a date. */
  readonly since: string;
}

export interface ParsedFilter {
  readonly filter: RunFilter;
  /** The words it was read from, each a chip that can be taken away. */
  readonly words: readonly string[];
  /** What of it cannot be understood, in words. */
  readonly problems: readonly string[];
}

export const STATUSES: readonly RunStatus[] = ['running', 'succeeded', 'failed', 'cancelled'];

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Reads `status:running,failed pipeline:quick since:7d name`. Nothing is thrown: what is not understood is said. */
export function parseFilter(text: string): ParsedFilter {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const status = new Set<RunStatus>();
  const pipeline = new Set<string>();
  const free: string[] = [];
  const problems: string[] = [];
  let since = '';
  for (const word of words) {
    const [, field, value = ''] = /^([^:]*):(.*)$/.exec(word) ?? [];
    const values = value.split(',').filter((part) => part !== '');
    if (field === undefined) free.push(word.toLowerCase());
    else if (field === 'status') {
      for (const part of values) {
        if (isStatus(part)) status.add(part);
        else problems.push(`There is no status ${part}: one of ${STATUSES.join(', ')}.`);
      }
    } else if (field === 'pipeline') {
      for (const part of values) {
        if (SLUG.test(part)) pipeline.add(part);
        else problems.push(`${part} is no name of a pipeline.`);
      }
    } else if (field === 'since') {
      if (sinceTime(value, 0) !== undefined) since = value;
      else if (value !== '')
        problems.push(`${value} is no time: write 7d, 12h, 30m, or a date such as 2026-11-01.`);
    } else
      problems.push(
        `There is no field ${field}: status, pipeline and since are known, and words of a run's name.`,
      );
  }
  return {
    filter: { status: [...status], pipeline: [...pipeline], text: free.join('-'), since },
    words,
    problems,
  };
}

function isStatus(text: string): text is RunStatus {
  return (STATUSES as readonly string[]).includes(text);
}

/** The filter's text with a status added, or taken away where it has it. */
export function toggleStatus(text: string, status: RunStatus): string {
  const { filter, words } = parseFilter(text);
  const rest = words.filter((word) => !word.startsWith('status:'));
  const next = filter.status.includes(status)
    ? filter.status.filter((known) => known !== status)
    : [...filter.status, status];
  return [...(next.length > 0 ? [`status:${next.join(',')}`] : []), ...rest].join(' ');
}

/** The first moment of a `since`, rounded down to whole minutes, so that the same words ask the same question for a while. */
export function sinceTime(text: string, now: number): string | undefined {
  const [, amount, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  const milliseconds = unit === undefined ? undefined : UNITS[unit];
  if (milliseconds !== undefined)
    return new Date(Math.floor((now - Number(amount) * milliseconds) / 60_000) * 60_000).toISOString();
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = new Date(`${text}T00:00:00.000Z`);
  // A day that no calendar has is moved on to the next month by some engines.
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text ? undefined : at.toISOString();
}
