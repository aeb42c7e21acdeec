import type { RunView, StoredEvent } from '@vitrine/contracts';
import type { RunName } from '../client/api-client.js';
import { lookUntil, pause, type Looking } from './look-until.js';
import { noticeOf, withEvent, type RunBoard } from './run-board.js';

/** What following needs of the API. */
export interface RunSource {
  view(run: RunName, signal?: AbortSignal): Promise<RunView>;
  events(run: RunName, after: number, signal: AbortSignal): AsyncGenerator<StoredEvent>;
}

/** Views come every so often, events in between at once. */
export interface Follower extends Looking {
  /** Something has changed. */
  show(board: RunBoard): void;
}

/**
 * Follows a run to its end. Views say how the stages stand, events how they come along; while the API is away both wait for it.
 * @returns the closed run's view, or undefined when the signal ended it first
 */
export async function followRun(
  source: RunSource,
  run: RunName,
  follower: Follower,
): Promise<RunView | undefined> {
  const done = new AbortController();
  const signal = AbortSignal.any([follower.signal, done.signal]);
  let board = await source.view(run, signal);
  const update = (next: RunBoard): void => {
    if (next === board) return;
    board = next;
    follower.show(board);
  };
  follower.show(board);
  const listening = listen(source.events(run, 0, signal), {
    // Old news of a run that is looked at later is not repeated.
    since: Date.now(),
    heard: (event) => update(withEvent(board, event)),
    notice: follower.notice,
  });
  try {
    if (board.status === 'running') {
      const looking = { ...follower, notice: follower.notice, signal };
      await pause(looking);
      await lookUntil(async () => {
        update(await source.view(run, signal));
        return board.status !== 'running';
      }, looking);
    }
  } finally {
    done.abort();
    await listening;
  }
  return board.status === 'running' ? undefined : board;
}

interface Listener {
  readonly since: number;
  heard(event: StoredEvent): void;
  notice(text: string): void;
}

async function listen(events: AsyncGenerator<StoredEvent>, listener: Listener): Promise<void> {
  try {
    for await (const stored of events) {
      const notice = Date.parse(stored.event.at) >= listener.since ? noticeOf(stored) : undefined;
      if (notice !== undefined) listener.notice(notice);
      listener.heard(stored);
    }
  } catch {
    // The views go on by themselves, and they are what says that something is wrong.
  }
}
