import type { RunStore } from '@vitrine/artifact-store';
import { VitrineError, type RunList, type RunStatus, type RunSummary } from '@vitrine/contracts';
import type { EventStore } from '../events/event-store.js';
import type { TemporalGateway } from '../temporal/temporal.gateway.js';
import type { RunReader } from './run-reader.js';
import { headOf, openState, summaryOf } from './run-summary.js';

export interface RunQuery {
  readonly project: string;
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  readonly pipeline?: string | readonly string[] | undefined;
  /** Part of the id. */
  readonly text?: string | undefined;
  /** ISO time. */
  readonly since?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface Sources {
  readonly runs: Pick<RunStore, 'listRunIds'>;
  readonly temporal: Pick<TemporalGateway, 'openRuns'>;
  readonly reader: Pick<RunReader, 'request' | 'sealed' | 'view'>;
  readonly events: Pick<EventStore, 'log'>;
}

/** Runs looked up at a time. */
const PARALLEL = 8;

/** The runs of a project, newest first. The store knows all of them; Temporal says which ones are open. */
export async function listRuns(sources: Sources, query: RunQuery): Promise<RunList> {
  const { project, limit } = query;
  const statuses = [query.status ?? []].flat();
  const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const open = await sources.temporal.openRuns(project);
  const all = await sources.runs.listRunIds(project);
  const matching = newestFirst(all).filter(fits(query));
  const counts = { total: all.length, matching: matching.length };
  const onlyOpen = statuses.length > 0 && statuses.every((status) => status === 'running');
  const candidates = matching
    .filter((runId) => before === undefined || isBefore(sortKey(runId), before))
    .filter((runId) => !onlyOpen || open.has(runId));
  const runs: RunSummary[] = [];
  for (let at = 0; at < candidates.length; at += PARALLEL) {
    const some = candidates.slice(at, at + PARALLEL);
    const found = await Promise.all(
      some.map((runId) => summarize(sources, { project, runId }, open.has(runId))),
    );
    for (const summary of found) {
      if (!summary || (statuses.length > 0 && !statuses.includes(summary.status))) continue;
      runs.push(summary);
      if (runs.length === limit) {
        const isLast = summary.runId === candidates.at(-1);
        return { runs, ...counts, ...(!isLast && { nextCursor: encodeCursor(summary.runId) }) };
      }
    }
  }
  return { runs, ...counts };
}

async function summarize(
  { reader, events }: Pick<Sources, 'reader' | 'events'>,
  run: { project: string; runId: string },
  open: boolean,
): Promise<RunSummary | undefined> {
  try {
    // The record comes first: Temporal's list goes on naming a run for a while after its end.
    const sealed = await reader.sealed(run);
    if (sealed) return summaryOf(sealed);
    if (!open) return summaryOf(await reader.view(run));
    const request = await reader.request(run);
    if (!request) return undefined;
    return { ...headOf(request), status: 'running', ...openState(request, (await events.log(run)).trace) };
  } catch (error) {
    // One damaged record must not hide all other runs; showing that run says what is wrong with it.
    if (!(error instanceof VitrineError) || error.code !== 'ArtifactCorrupt') throw error;
    const request = await reader.request(run);
    if (!request) return undefined;
    const { code, message } = error;
    const stages = { total: Object.keys(request.spec.stages).length, done: 0, failed: 0 };
    return { ...headOf(request), status: 'failed', stages, error: { stage: 'record', code, message } };
  }
}

export function newestFirst(runIds: readonly string[]): string[] {
  return runIds.toSorted((a, b) => (isBefore(sortKey(a), sortKey(b)) ? 1 : -1));
}

/** Run ids end in date, time and a random part, which sort by time whatever the pipeline is called. */
function sortKey(runId: string): string {
  return `${runId.split('-').slice(-3).join('-')} ${runId}`;
}

function isBefore(a: string, b: string): boolean {
  return a < b;
}

/** Whether a run fits, as far as its id can tell. */
function fits({ pipeline, text, since }: RunQuery): (runId: string) => boolean {
  const pipelines = [pipeline ?? []].flat();
  const wanted = text?.toLowerCase();
  // As the id says it, to the second.
  const from = since === undefined ? undefined : idTime(new Date(since).toISOString());
  return (runId) => {
    const parts = runId.split('-');
    return (
      (pipelines.length === 0 || pipelines.includes(parts.slice(0, -3).join('-'))) &&
      (wanted === undefined || runId.includes(wanted)) &&
      (from === undefined || parts.slice(-3, -1).join('-') >= from)
    );
  };
}

function idTime(iso: string): string {
  const digits = iso.replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}`;
}

function encodeCursor(runId: string): string {
  return Buffer.from(sortKey(runId), 'utf8').toString('base64url');
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (/^[a-z0-9-]+ [a-z0-9-]+$/.test(text)) return text;
  throw new VitrineError('InvalidRequest', 'The cursor is not one of this list.', {
    where: 'query cursor',
    expected: 'nextCursor of the page before',
    actual: JSON.stringify(cursor),
  });
}
