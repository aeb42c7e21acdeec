import { setTimeout as sleep } from 'node:timers/promises';
import type { RunView, StoredEvent } from '@vitrine/contracts';
import { isUnavailable, type RunName } from '../client/api-client.js';
import { noticeOf, withEvent, type RunBoard } from './run-board.js';

/** What following needs of the API. */
export interface RunSource {
  view(run: RunName, signal?: AbortSignal): Promise<RunView>;
  events(run: RunName, after: number, signal: AbortSignal): AsyncGenerator<StoredEvent>;
}

export interface Follower {
  /** Something has changed. */
  show(board: RunBoard): void;
  /** Something to be said beside it. */
  notice(text: string): void;
  readonly signal: AbortSignal;
  /** Milliseconds between views; events come in between at once. */
  readonly viewEvery?: number;
}

const VIEW_EVERY = 1_500;
/** Said once when the API has been away for so many views. */
const PATIENCE = 4;

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
    for (let misses = 0; board.status === 'running' && !signal.aborted;) {
      await sleep(follower.viewEvery ?? VIEW_EVERY, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      try {
        update(await source.view(run, signal));
        misses = 0;
      } catch (error) {
        if (signal.aborted) break;
        if (!isUnavailable(error)) throw error;
        misses += 1;
        if (misses === PATIENCE) follower.notice(`waiting for the API: ${(error as Error).message}`);
      }
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
