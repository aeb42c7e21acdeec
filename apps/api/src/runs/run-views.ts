import {
  VitrineError,
  type ElementsView,
  type RunRequest,
  type RunStatus,
  type RunView,
  type SealedRun,
} from '@vitrine/contracts';
import { needs } from '@vitrine/planning';
import type { RunTrace, StageTrace } from '../events/run-trace.js';

/** The view of a run that has been sealed. */
export function viewOfSealed({ request, status, stages, endedAt }: SealedRun): RunView {
  return { ...head(request), status, endedAt, stages };
}

type StageView = RunView['stages'][string];

/** An open run's view with what its stages reported: that they run, in which attempt, and how far they have come. */
export function withProgress(view: RunView, trace: RunTrace): RunView {
  const stages = Object.entries(view.stages).map(([name, stage]) => [
    name,
    withTrace(stage, trace.get(name)),
  ]);
  return { ...view, stages: Object.fromEntries(stages) as RunView['stages'] };
}

/** An open run's view with how the elements of its stages stand. */
export function withElements(view: RunView, elements: ReadonlyMap<string, ElementsView>): RunView {
  if (elements.size === 0) return view;
  const stages = Object.entries(view.stages).map(([name, stage]) => {
    const found = elements.get(name);
    // It runs as soon as one of its elements does.
    return [name, found ? { ...stage, elements: found, state: 'running' } : stage];
  });
  return { ...view, stages: Object.fromEntries(stages) as RunView['stages'] };
}

function withTrace(stage: StageView, heard: StageTrace | undefined): StageView {
  if (!heard) return stage;
  if (stage.state === 'succeeded') return { ...stage, ...(heard.progress && { progress: heard.progress }) };
  // The workflow knows that a stage is queued; whether a worker has taken it up is known by hearing from it.
  const runs = stage.state === 'running' || (stage.state === 'queued' && heard.state === 'running');
  if (runs) return { ...stage, ...heard, state: 'running' };
  return stage.state === 'queued' && heard.waitsFor ? { ...stage, waitsFor: heard.waitsFor } : stage;
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
  const { project, runId, spec, submittedAt, options } = request;
  const { rerunOf, ablationOf, scheduledBy } = options ?? {};
  return {
    project,
    runId,
    pipeline: spec.name,
    submittedAt,
    ...(rerunOf && { rerunOf: rerunOf.runId }),
    ...(ablationOf && { ablationOf }),
    ...(scheduledBy && { scheduledBy }),
  };
}

function lastHeard(trace: RunTrace): string | undefined {
  return [...trace.values()]
    .flatMap(({ endedAt, startedAt }) => [endedAt ?? startedAt ?? []].flat())
    .toSorted()
    .at(-1);
}
