import type { Environment } from '@vitrine/config';

export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'busy' | 'warn';

const CODES: Readonly<Record<Tone, readonly [number, number] | undefined>> = {
  plain: undefined,
  dim: [2, 22],
  bold: [1, 22],
  good: [32, 39],
  bad: [31, 39],
  busy: [36, 39],
  warn: [33, 39],
};

/** How a terminal may be written to. */
export interface Style {
  readonly color: boolean;
  readonly unicode: boolean;
}

export const PLAIN: Style = { color: false, unicode: false };

interface Surroundings {
  readonly env: Environment;
  readonly isTerminal: boolean;
}

/** Colours on a terminal unless NO_COLOR says otherwise; drawing characters unless the locale has none. */
export function styleFor({ env, isTerminal }: Surroundings): Style {
  const dumb = env['TERM'] === 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'UTF-8';
  return {
    color: isTerminal && !dumb && !env['NO_COLOR'],
    unicode: !dumb && env['TERM'] !== 'linux' && /utf-?8/i.test(locale),
  };
}

/** Whether lines may be drawn over: a person looks at a terminal, and no build server records it. */
export function isLive({ env, isTerminal }: Surroundings): boolean {
  return isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}

export function paint(text: string, tone: Tone, { color }: Style): string {
  const codes = CODES[tone];
  return color && codes && text !== '' ? `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m` : text;
}

/** Text of others without what would steer the terminal. Line breaks stay. */
export function printable(text: string): string {
  return text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}

/** The first line of a text of others. */
export function firstLine(text: string): string {
  return printable(text).split('\n')[0] ?? '';
}
