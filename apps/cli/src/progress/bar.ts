import type { Style } from './style.js';

const BAR_COLUMNS = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of progress; `done` is from 0 to 1. */
export function bar(done: number, { unicode }: Style): string {
  if (!unicode) return `[${'#'.repeat(Math.round(done * BAR_COLUMNS)).padEnd(BAR_COLUMNS, '-')}]`;
  const eighths = Math.round(done * BAR_COLUMNS * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return filled.padEnd(BAR_COLUMNS, '░');
}
