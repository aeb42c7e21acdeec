import type { RunView, StoredEvent } from '@vitrine/contracts';
import { firstLine } from './style.js';

/** What is shown of a run: the latest view, and what events have told since. */
export type RunBoard = RunView;

/** The view after an event; the next view from the API takes its place. Pure. */
export function withEvent(board: RunBoard, { event }: StoredEvent): RunBoard {
  const stage = Object.hasOwn(board.stages, event.stage) ? board.stages[event.stage] : undefined;
  if (!stage || board.status !== 'running') return board;
  const open = stage.state === 'queued' || stage.state === 'running';
  if (!open) return board;
  const change = (fields: Partial<typeof stage>): RunBoard => ({
    ...board,
    stages: { ...board.stages, [event.stage]: { ...stage, ...fields } },
  });
  if (event.type === 'progress') return change({ state: 'running', progress: event.progress });
  if (event.type === 'attempt') return change({ state: 'running', epoch: event.epoch });
  return board;
}

/** Stages in the order in which they can run, those of one rank by name. */
export function stagesInOrder(board: Pick<RunView, 'stages'>): [string, RunView['stages'][string]][] {
  const ranks = new Map<string, number>();
  const rank = (name: string): number => {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    const needs = board.stages[name]?.needs ?? [];
    const found = Math.max(-1, ...needs.map(rank)) + 1;
    ranks.set(name, found);
    return found;
  };
  return Object.entries(board.stages).toSorted(
    ([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

/** Worth a line of its own beside the stages: what people must not miss. */
export function noticeOf({ event }: StoredEvent): string | undefined {
  if (event.type === 'log' && (event.level === 'warn' || event.level === 'error'))
    return `${event.stage}: ${firstLine(event.message)}`;
  if (event.type === 'attempt' && event.epoch > 1)
    return event.resumedFromStep > 0
      ? `${event.stage}: attempt ${event.epoch} goes on from the checkpoint of step ${event.resumedFromStep}`
      : `${event.stage}: attempt ${event.epoch} starts afresh`;
  return undefined;
}
