import { useEffect, useState } from 'react';
import { client, unwrap } from './client.js';
import type { RunKey } from './queries.js';
import type { LogLine } from './types.js';

interface Log {
  readonly lines: readonly LogLine[];
  /** Where to go on. */
  readonly next: number;
  /** The last page has been read; more may be written yet. */
  readonly atEnd: boolean;
  readonly failure?: unknown;
  /** Lines before the first that is kept. */
  readonly dropped: number;
}

/** So many lines are kept: the last ones. */
const KEPT = 50_000;
const PAGE = 5_000;
const EMPTY: Log = { lines: [], next: 0, atEnd: false, dropped: 0 };

/** The log of a run, or of one stage of it, to its end, and on from there whenever `heard` grows. */
export function useLog({ project, runId }: RunKey, stage: string | undefined, heard: number): Log {
  const key = `${project}/${runId}/${stage ?? ''}`;
  const [kept, setKept] = useState({ key, log: EMPTY });
  const log = kept.key === key ? kept.log : EMPTY;
  const { next, atEnd } = log;
  const wanted = !atEnd || heard > next;
  useEffect(() => {
    if (!wanted) return undefined;
    const left = new AbortController();
    const query = { after: next, limit: PAGE, ...(stage !== undefined && { stage }) };
    const asked = client.GET('/api/v1/runs/{project}/{runId}/logs', {
      params: { path: { project, runId }, query },
      signal: left.signal,
    });
    unwrap(asked).then(
      (page) =>
        setKept(({ key: before, log: old }) => ({ key, log: grown(before === key ? old : EMPTY, page) })),
      (failure: unknown) => {
        if (!left.signal.aborted) setKept({ key, log: { ...log, atEnd: true, failure } });
      },
    );
    return () => left.abort();
    // What has been read so far changes only by reading on.
  }, [project, runId, stage, key, next, wanted]);
  return log;
}

function grown(log: Log, page: { lines: readonly LogLine[]; next: number; more: boolean }): Log {
  const lines = [...log.lines, ...page.lines];
  const over = Math.max(0, lines.length - KEPT);
  return { lines: lines.slice(over), next: page.next, atEnd: !page.more, dropped: log.dropped + over };
}
