import { client, unwrap } from './client.js';
import type { RunKey } from './queries.js';
import type { RunPlan, RunView } from './types.js';

type Submitted = { project: string; runId: string };

/** The text goes as it was written, so that the API names lines of it. */
const YAML = {
  headers: { 'content-type': 'application/yaml' },
  bodySerializer: (text: unknown): string => String(text),
};

export function cancelRun({ project, runId }: RunKey): Promise<RunView> {
  return unwrap(
    client.POST('/api/v1/runs/{project}/{runId}/cancel', { params: { path: { project, runId } } }),
  );
}

/** From the stages that are named; without any, what did not succeed. */
export function rerunRun({ project, runId }: RunKey, from: readonly string[]): Promise<Submitted> {
  return unwrap(
    client.POST('/api/v1/runs/{project}/{runId}/rerun', {
      params: { path: { project, runId } },
      body: { from: [...from] },
    }),
  );
}

export function decideStage(
  { project, runId }: RunKey,
  { stage, approved, comment }: { stage: string; approved: boolean; comment: string },
): Promise<RunView> {
  return unwrap(
    client.POST('/api/v1/runs/{project}/{runId}/stages/{stage}/approval', {
      params: { path: { project, runId, stage } },
      body: { approved, by: 'dashboard', comment },
    }),
  );
}

/** @param key of this wish: sent again it starts nothing twice */
export function submitRun(text: string, key: string): Promise<Submitted> {
  const headers = { ...YAML.headers, 'idempotency-key': key };
  return unwrap(client.POST('/api/v1/runs', { body: text as never, ...YAML, headers }));
}

export function planRun(text: string, signal: AbortSignal): Promise<RunPlan> {
  return unwrap(client.POST('/api/v1/plans', { body: text as never, ...YAML, signal }));
}
