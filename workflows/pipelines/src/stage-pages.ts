import type { RunPage, StageStatus } from '@vitrine/contracts';
import { runHead, type RunState } from './progress.js';

type Stages = Readonly<Record<string, StageStatus>>;

/** Characters of JSON that travel together: three bytes each at most, and a payload holds two MiB. */
const PAGE_CHARACTERS = 500_000;

/** Stages by name in pieces that travel, each of one stage at least; a stage's result has a bound of its own. */
export function stagePages(stages: Stages): Record<string, StageStatus>[] {
  const pages: Record<string, StageStatus>[] = [];
  let characters = Infinity;
  for (const [name, stage] of Object.entries(stages)) {
    const length = JSON.stringify(stage).length;
    const page = pages.at(-1);
    if (page && characters + length <= PAGE_CHARACTERS) {
      page[name] = stage;
      characters += length;
    } else {
      pages.push({ [name]: stage });
      characters = length;
    }
  }
  return pages;
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
