import type { RunPage, StageStatus } from '@vitrine/contracts';
import { inPieces } from './pieces.js';
import { runHead, type RunState } from './progress.js';

type Stages = Readonly<Record<string, StageStatus>>;

/** Stages by name in pieces that travel. */
export function stagePages(stages: Stages): Record<string, StageStatus>[] {
  return inPieces(Object.entries(stages)).map((piece) => Object.fromEntries(piece));
}

/** The run with as many of its stages as travel together, from the named one on. */
export function runPage(state: RunState, from?: string): RunPage {
  const names = Object.keys(state.stages);
  const start = from === undefined ? 0 : Math.max(0, names.indexOf(from));
  const rest = Object.fromEntries(
    names.slice(start).map((name) => [name, state.stages[name] as StageStatus]),
  );
  const [stages = {}] = stagePages(rest);
  const next = names[start + Object.keys(stages).length];
  return { run: runHead(state), stages, ...(next !== undefined && { next }) };
}
