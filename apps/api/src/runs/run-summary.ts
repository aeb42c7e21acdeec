import type { RunRequest, RunSummary, RunView, StageState } from '@vitrine/contracts';
import type { RunTrace } from '../events/run-trace.js';

/** Needs nothing more: skipped by intention counts like any other end that is no loss. */
const DONE: ReadonlySet<StageState> = new Set<StageState>(['succeeded', 'skipped']);

type Head = Pick<RunSummary, 'project' | 'runId' | 'pipeline' | 'submittedAt'>;

export function headOf({ project, runId, spec, submittedAt }: RunRequest): Head {
  return { project, runId, pipeline: spec.name, submittedAt };
}

/** Of a run whose view is known. */
export function summaryOf(view: RunView): RunSummary {
  const { project, runId, pipeline, status, submittedAt, endedAt, rerunOf } = view;
  const stages = Object.entries(view.stages);
  const states = stages.map(([, { state }]) => state);
  const failed = stages.find(([, { error }]) => error !== undefined);
  return {
    project,
    runId,
    pipeline,
    status,
    submittedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(rerunOf !== undefined && { rerunOf }),
    stages: countsOf(stages.length, states),
    ...(failed?.[1].error && { error: errorOf(failed[0], failed[1].error) }),
  };
}

/** Of an open run, from what its stages reported: its workflow is not asked, so a list does not wait for workers. */
export function openState(
  { spec }: RunRequest,
  trace: RunTrace,
): Pick<RunSummary, 'stages' | 'active' | 'error'> {
  const heard = [...trace];
  const active = heard.find(([, { state }]) => state === 'running');
  const failed = heard.find(([, { state, error }]) => state === 'failed' && error !== undefined);
  return {
    stages: countsOf(
      Object.keys(spec.stages).length,
      heard.map(([, { state }]) => state),
    ),
    ...(active && {
      active: { stage: active[0], ...(active[1].progress && { progress: active[1].progress }) },
    }),
    ...(failed?.[1].error && { error: errorOf(failed[0], failed[1].error) }),
  };
}

function countsOf(total: number, states: readonly StageState[]): RunSummary['stages'] {
  return {
    total,
    done: states.filter((state) => DONE.has(state)).length,
    failed: states.filter((state) => state === 'failed').length,
  };
}

function errorOf(
  stage: string,
  { code, message }: { code: string; message: string },
): NonNullable<RunSummary['error']> {
  return { stage, code, message };
}
