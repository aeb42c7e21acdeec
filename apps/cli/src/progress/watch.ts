import type { RunView } from '@vitrine/contracts';
import type { RunName } from '../client/api-client.js';
import type { Terminal } from '../terminal.js';
import { boardLines } from './board-lines.js';
import { followRun, type RunSource } from './follow-run.js';
import { PlainLines } from './plain-lines.js';
import type { RunBoard } from './run-board.js';
import { paint } from './style.js';

const FRAME_MILLISECONDS = 250;

/** Follows a run on the terminal: a board drawn in place, or sparse lines where nothing can be drawn over. */
export async function watchRun(
  source: RunSource,
  run: RunName,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<RunView | undefined> {
  const painter = terminal.live ? liveBoard(terminal) : plainBoard(terminal);
  try {
    return await followRun(source, run, { ...painter, signal });
  } finally {
    painter.end();
  }
}

interface Painter {
  show(board: RunBoard): void;
  notice(text: string): void;
  end(): void;
}

/** Draws on a clock rather than with every event: the time goes on, and a fast stage does not flood the terminal. */
function liveBoard(terminal: Terminal): Painter {
  let board: RunBoard | undefined;
  const draw = (): void => {
    if (!board) return;
    const options = { ...terminal.style, width: terminal.width, now: Date.now() };
    // What has scrolled out cannot be drawn over.
    terminal.screen.draw(boardLines(board, options).slice(0, terminal.height - 1));
  };
  const clock = setInterval(draw, FRAME_MILLISECONDS);
  return {
    show: (next) => {
      const isFirst = board === undefined;
      board = next;
      if (isFirst) draw();
    },
    notice: (text) => {
      terminal.screen.above(paint(text.slice(0, terminal.width), 'warn', terminal.style));
      draw();
    },
    end: () => {
      clearInterval(clock);
      draw();
      terminal.screen.leave();
    },
  };
}

function plainBoard(terminal: Terminal): Painter {
  const lines = new PlainLines();
  return {
    show: (board) => {
      for (const line of lines.update(board, Date.now())) terminal.line(line);
    },
    notice: (text) => terminal.line(`  ! ${text}`),
    end: () => undefined,
  };
}
