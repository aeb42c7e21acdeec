import type { RunStore } from '@vitrine/artifact-store';
import {
  VitrineError,
  type RunList,
  type RunStatus,
  type RunSummary,
  type RunView,
} from '@vitrine/contracts';
import type { TemporalGateway } from '../temporal/temporal.gateway.js';
import type { RunReader } from './run-reader.js';

export interface RunQuery {
  readonly project: string;
  readonly status?: RunStatus | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface Sources {
  readonly runs: Pick<RunStore, 'listRunIds'>;
  readonly temporal: Pick<TemporalGateway, 'openRuns'>;
  readonly reader: Pick<RunReader, 'request' | 'sealed' | 'view'>;
}

/** Runs looked up at a time. */
const PARALLEL = 8;

/** The runs of a project, newest first. The store knows all of them; Temporal says which ones are open. */
export async function listRuns(sources: Sources, query: RunQuery): Promise<RunList> {
  const { project, limit } = query;
  const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const open = await sources.temporal.openRuns(project);
  const candidates = newestFirst(await sources.runs.listRunIds(project))
    .filter((runId) => before === undefined || isBefore(sortKey(runId), before))
    .filter((runId) => query.status !== 'running' || open.has(runId));
  const runs: RunSummary[] = [];
  for (let at = 0; at < candidates.length; at += PARALLEL) {
    const some = candidates.slice(at, at + PARALLEL);
    const found = await Promise.all(
      some.map((runId) => summarize(sources.reader, { project, runId }, open.has(runId))),
    );
    for (const summary of found) {
      if (!summary || (query.status && summary.status !== query.status)) continue;
      runs.push(summary);
      if (runs.length === limit) {
        const isLast = summary.runId === candidates.at(-1);
        return isLast ? { runs } : { runs, nextCursor: encodeCursor(summary.runId) };
      }
    }
  }
  return { runs };
}

async function summarize(
  reader: Sources['reader'],
  run: { project: string; runId: string },
  open: boolean,
): Promise<RunSummary | undefined> {
  try {
    // The record comes first: Temporal's list goes on naming a run for a while after its end.
    const sealed = await reader.sealed(run);
    if (sealed) return summaryOf(sealed);
    if (!open) return summaryOf(await reader.view(run));
    const request = await reader.request(run);
    return (
      request && { ...run, pipeline: request.spec.name, status: 'running', submittedAt: request.submittedAt }
    );
  } catch (error) {
    // One damaged record must not hide all other runs; showing that run says what is wrong with it.
    if (!(error instanceof VitrineError) || error.code !== 'ArtifactCorrupt') throw error;
    const request = await reader.request(run);
    return (
      request && { ...run, pipeline: request.spec.name, status: 'failed', submittedAt: request.submittedAt }
    );
  }
}

function summaryOf({ project, runId, pipeline, status, submittedAt, endedAt }: RunView): RunSummary {
  return { project, runId, pipeline, status, submittedAt, ...(endedAt !== undefined && { endedAt }) };
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
