import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { JsonSchema } from '../lib/form-fields.js';
import { sinceTime, type RunFilter } from '../lib/run-filter.js';
import { client, unwrap } from './client.js';
import type { RunList } from './types.js';

export interface RunKey {
  readonly project: string;
  readonly runId: string;
}

/** Lists have no stream of their own: they are asked again while somebody looks. */
const LIST_MILLISECONDS = 3_000;
/** An open run is asked again when its stages say something; this is for when they are silent. */
const RUN_MILLISECONDS = 5_000;
const PAGE = 100;

export const about = queryOptions({
  queryKey: ['about'],
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/about', { signal })),
  staleTime: Infinity,
});

/** The runs of a project that fit, page by page. */
export function runsQuery(project: string, filter: RunFilter) {
  return infiniteQueryOptions({
    queryKey: ['runs', project, filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => listRuns({ project, filter, limit: PAGE, cursor: pageParam, signal }),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

/** The newest runs of a project, asked again and again: what a list shows first, and the overview. */
export function newestRuns(project: string, filter: RunFilter) {
  return queryOptions({
    queryKey: ['newest', project, filter],
    queryFn: ({ signal }) => listRuns({ project, filter, limit: PAGE, cursor: undefined, signal }),
    refetchInterval: LIST_MILLISECONDS,
  });
}

interface ListAsked {
  readonly project: string;
  readonly filter: RunFilter;
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly signal: AbortSignal;
}

function listRuns({ project, filter, limit, cursor, signal }: ListAsked): Promise<RunList> {
  const since = sinceTime(filter.since, Date.now());
  const query = {
    project,
    limit,
    ...(filter.status.length > 0 && { status: [...filter.status] }),
    ...(filter.pipeline.length > 0 && { pipeline: [...filter.pipeline] }),
    ...(filter.text !== '' && { text: filter.text }),
    ...(since !== undefined && { since }),
    ...(cursor !== undefined && { cursor }),
  };
  return unwrap(client.GET('/api/v1/runs', { params: { query }, signal }));
}

export function runQuery({ project, runId }: RunKey) {
  return queryOptions({
    queryKey: ['run', project, runId],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/v1/runs/{project}/{runId}', { params: { path: { project, runId } }, signal })),
    refetchInterval: ({ state }) =>
      state.data && state.data.status !== 'running' ? false : RUN_MILLISECONDS,
  });
}

export function requestQuery({ project, runId }: RunKey) {
  return queryOptions({
    queryKey: ['request', project, runId],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/runs/{project}/{runId}/request', {
          params: { path: { project, runId } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });
}

export function cacheQuery({ project, runId }: RunKey, stage: string, state: string) {
  return queryOptions({
    // What is said of a stage changes with its state.
    queryKey: ['cache', project, runId, stage, state],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/runs/{project}/{runId}/stages/{stage}/cache', {
          params: { path: { project, runId, stage } },
          signal,
        }),
      ),
    retry: false,
  });
}

export function artifactPath({ project, runId }: RunKey, stage: string, output: string): string {
  return `/api/v1/runs/${project}/${runId}/artifacts/${encodeURIComponent(stage)}/${output}`;
}

/** Text of an artifact, which never changes. */
export function artifactText(path: string, sha256: string) {
  return queryOptions({
    queryKey: ['artifact', sha256],
    queryFn: ({ signal }) =>
      unwrap(fetch(path, { signal }).then(async (response) => ({ response, data: await response.text() }))),
    staleTime: Infinity,
  });
}

/** What a pipeline may be, as the API describes it. */
export const pipelineSchema = queryOptions({
  queryKey: ['pipeline schema'],
  queryFn: async ({ signal }): Promise<JsonSchema> => {
    const response = await fetch('/openapi.json', { signal });
    const document = (await response.json()) as { components: { schemas: { PipelineSpec: JsonSchema } } };
    return document.components.schemas.PipelineSpec;
  },
  staleTime: Infinity,
});
