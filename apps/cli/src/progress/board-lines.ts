import type { RunStatus } from '@vitrine/contracts';
import { formatDuration } from './format.js';
import { stagesInOrder, type RunBoard } from './run-board.js';
import { stageLine } from './stage-line.js';
import { paint, type Style, type Tone } from './style.js';

const TONES: Readonly<Record<RunStatus, Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

interface BoardOptions extends Style {
  readonly width: number;
  readonly now: number;
}

/** The whole run: a head line, then a line per stage. */
export function boardLines(board: RunBoard, options: BoardOptions): string[] {
  const stages = stagesInOrder(board);
  const longest = Math.max(...stages.map(([name]) => name.length));
  const nameWidth = Math.min(longest, Math.max(8, Math.floor(options.width / 4)));
  const until = board.endedAt === undefined ? options.now : Date.parse(board.endedAt);
  const took = formatDuration(Math.max(0, until - Date.parse(board.submittedAt)) / 1000);
  const status = ` ${board.status}`;
  const id = board.runId.slice(0, Math.max(0, options.width - status.length - took.length - 2));
  const head = `${paint(id, 'bold', options)}${paint(status, TONES[board.status], options)}  ${took}`;
  return [head, ...stages.map(([name, stage]) => stageLine(stage, { ...options, name, nameWidth }))];
}
