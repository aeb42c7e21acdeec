import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { LiveCurves } from '../lib/curves.js';
import { runQuery, type RunKey } from './queries.js';
import type { RunView, StoredEvent } from './types.js';

export type Connection = 'connecting' | 'live' | 'lost' | 'ended';

/** What a page hears of an open run. Reading is cheap: whoever shows it asks when the version has grown. */
export class RunFeed {
  readonly curves = new LiveCurves();
  connection: Connection = 'connecting';
  /** Of the last event that belongs into the log. */
  lastLogged = 0;
  version = 0;
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readVersion = (): number => this.version;

  changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

/** Between two looks at the whole run, however many of its stages say something. */
const LOOK_MILLISECONDS = 250;

/**
 * Follows an open run: progress goes straight into what is shown, a change of state asks for the run anew, and all of it at most
 * once a frame.
 */
export function useRunFeed(run: RunKey, open: boolean): RunFeed {
  const { project, runId } = run;
  const queries = useQueryClient();
  const [feed, setFeed] = useState(() => new RunFeed());
  useEffect(() => {
    if (!open) return undefined;
    const next = new RunFeed();
    setFeed(next);
    const { queryKey } = runQuery({ project, runId });
    const source = new EventSource(`/api/v1/runs/${project}/${runId}/events`);
    let waiting: StoredEvent[] = [];
    let frame = 0;
    let look: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      frame = 0;
      const events = waiting;
      waiting = [];
      for (const stored of events) take(next, stored);
      queries.setQueryData<RunView>(queryKey, (view) => view && withProgress(view, events));
      if (events.some(({ event }) => event.type === 'stage' || event.type === 'attempt'))
        look ??= setTimeout(() => {
          look = undefined;
          void queries.invalidateQueries({ queryKey });
        }, LOOK_MILLISECONDS);
      next.changed();
    };
    // Hidden tabs get no frames: there it is enough to keep up now and then.
    const schedule = (): void => {
      frame ||= document.hidden ? window.setTimeout(flush, 1000) : requestAnimationFrame(flush);
    };
    const say = (connection: Connection): void => {
      next.connection = connection;
      next.changed();
    };
    source.onopen = () => say('live');
    source.onerror = () => say('lost');
    source.onmessage = ({ data }: MessageEvent<string>) => {
      waiting.push(JSON.parse(data) as StoredEvent);
      schedule();
    };
    source.addEventListener('end', () => {
      source.close();
      say('ended');
      void queries.invalidateQueries({ queryKey });
    });
    return () => {
      source.close();
      cancelAnimationFrame(frame);
      clearTimeout(frame);
      clearTimeout(look);
    };
  }, [project, runId, open, queries]);
  useSyncExternalStore(feed.subscribe, feed.readVersion);
  return feed;
}

function take(feed: RunFeed, stored: StoredEvent): void {
  feed.curves.take(stored);
  if (['log', 'attempt', 'stage'].includes(stored.event.type)) feed.lastLogged = stored.sequence;
}

/** The view with the last that each running stage said of its progress. */
function withProgress(view: RunView, events: readonly StoredEvent[]): RunView {
  const last = new Map(
    events.flatMap(({ event }) =>
      event.type === 'progress' ? [[event.stage, event.progress] as const] : [],
    ),
  );
  const stages = Object.entries(view.stages).flatMap(([name, stage]) => {
    const progress = last.get(name);
    return progress && stage.state === 'running' ? [[name, { ...stage, progress }] as const] : [];
  });
  return stages.length === 0 ? view : { ...view, stages: { ...view.stages, ...Object.fromEntries(stages) } };
}
