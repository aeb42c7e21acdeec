import {
  VitrineError,
  type RunRequest,
  type RunStatus,
  type RunView,
  type SealedRun,
} from '@vitrine/contracts';
import { needs } from '@vitrine/planning';
import type { RunTrace } from '../events/run-trace.js';

/** The view of a run that has been sealed. */
export function viewOfSealed({ request, status, stages, endedAt }: SealedRun): RunView {
  return { ...head(request), status, endedAt, stages };
}

/** An open run's view with the progress that its stages reported. */
export function withProgress(view: RunView, trace: RunTrace): RunView {
  const stages = Object.entries(view.stages).map(([name, stage]) => {
    const { progress, epoch } = trace.get(name) ?? {};
    const shown = stage.state === 'running' || stage.state === 'succeeded' ? progress : undefined;
    const started = stage.epoch ?? epoch;
    return [
      name,
      { ...stage, ...(started !== undefined && { epoch: started }), ...(shown && { progress: shown }) },
    ];
  });
  return { ...view, stages: Object.fromEntries(stages) as RunView['stages'] };
}

/** What can be said of a run from its request and its events alone, while no workflow worker answers. */
export function viewOfTrace(request: RunRequest, status: RunStatus, trace: RunTrace): RunView {
  const stages = Object.entries(request.spec.stages).map(([name, { kind, pool }]) => {
    const heard = trace.get(name) ?? { state: 'waiting' as const };
    const ended = status !== 'running' && !['succeeded', 'failed', 'cancelled'].includes(heard.state);
    const state = ended ? (status === 'cancelled' ? 'cancelled' : 'skipped') : heard.state;
    return [name, { kind, pool, needs: needs(request.spec, name), ...heard, state }];
  });
  return {
    ...head(request),
    status,
    ...(status !== 'running' && { endedAt: lastHeard(trace) ?? request.submittedAt }),
    stages: Object.fromEntries(stages) as RunView['stages'],
  };
}

export function unknownRun({ project, runId }: { project: string; runId: string }): VitrineError {
  return new VitrineError('NotFound', 'There is no such run.', {
    where: `${project}/${runId}`,
    expected: 'a project and a run id as the list of runs names them',
  });
}

function head(request: RunRequest): Omit<RunView, 'status' | 'stages' | 'endedAt'> {
  const { project, runId, spec, submittedAt } = request;
  return { project, runId, pipeline: spec.name, submittedAt };
}

function lastHeard(trace: RunTrace): string | undefined {
  return [...trace.values()]
    .flatMap(({ endedAt, startedAt }) => [endedAt ?? startedAt ?? []].flat())
    .toSorted()
    .at(-1);
}
