import type {
  Decision,
  ElementsView,
  ErrorView,
  RunEnd,
  RunPage,
  RunRequest,
  RunStatus,
  StageResult,
  StageState,
  StageStatus,
} from '@vitrine/contracts';
import { byName, needs } from '@vitrine/planning';

/** What the workflow knows of a run. */
export interface RunState {
  readonly request: RunRequest;
  readonly status: RunStatus;
  readonly stages: Record<string, StageStatus>;
  readonly endedAt?: string;
}

/** One thing that happened; `at` in ISO 8601. */
export type RunChange =
  | { readonly type: 'held' | 'queued'; readonly stage: string; readonly at: string }
  | { readonly type: 'decided'; readonly stage: string; readonly at: string; readonly decision: Decision }
  | {
      readonly type: 'skipped';
      readonly stage: string;
      readonly at: string;
      /** The demand that was not met; absent when a stage it needs gave nothing. */
      readonly unmet?: string;
    }
  | { readonly type: 'succeeded'; readonly stage: string; readonly at: string; readonly result: StageResult }
  | {
      readonly type: 'failed' | 'cancelled';
      readonly stage: string;
      readonly at: string;
      readonly error: ErrorView;
      /** Of a fan-out: what became of its elements. */
      readonly elements?: ElementsView | undefined;
    };

export function openRun(request: RunRequest): RunState {
  const names = Object.keys(request.spec.stages).sort(byName);
  const stages = names.map((name): [string, StageStatus] => {
    const { kind, pool } = request.spec.stages[name] as RunRequest['spec']['stages'][string];
    return [name, { kind, pool, needs: needs(request.spec, name), state: 'waiting' }];
  });
  return { request, status: 'running', stages: Object.fromEntries(stages) };
}

/** Takes a change in. In place: a run of a thousand stages has thousands of them, and each copy of all would take a millisecond. */
export function applyChange({ stages }: RunState, change: RunChange): void {
  const before = stages[change.stage];
  if (!before) throw new RangeError(`stage ${change.stage}: not in this run`);
  const skipped = change.type === 'skipped' ? { skipped: whySkipped(stages, before, change.unmet) } : {};
  stages[change.stage] = { ...before, ...fields(change), ...skipped };
}

/** The run as it has ended; the state it was given is still that of an open one. */
export function closeRun(state: RunState, at: string, cancelRequested: boolean): RunState {
  return { ...state, status: finalStatus(state, cancelRequested), endedAt: at };
}

/** What a run is besides its stages. */
export function runHead({ request, status, endedAt }: RunState): RunPage['run'] {
  const { project, runId, spec, submittedAt, options } = request;
  return {
    project,
    runId,
    pipeline: spec.name,
    status,
    submittedAt,
    ...(endedAt && { endedAt }),
    ...(options?.rerunOf && { rerunOf: options.rerunOf.runId }),
    ...(options?.ablationOf && { ablationOf: options.ablationOf }),
    ...(options?.scheduledBy && { scheduledBy: options.scheduledBy }),
  };
}

/** @throws RangeError while the run is open */
export function runEnd({ request: { project, runId }, status, endedAt }: RunState): RunEnd {
  if (endedAt === undefined) throw new RangeError('run: expected a closed one');
  return { project, runId, status, endedAt };
}

function fields(change: RunChange): Partial<StageStatus> {
  switch (change.type) {
    case 'held':
      return { state: 'held' };
    case 'decided':
      return { decision: { ...change.decision, at: change.at } };
    case 'queued':
      return { state: 'queued', queuedAt: change.at };
    case 'skipped':
      return { state: 'skipped' };
    case 'succeeded': {
      const { startedAt, outputs, summary, epoch, resumedFromStep, profile, cache, elements } = change.result;
      const product = {
        outputs,
        summary,
        epoch,
        resumedFromStep,
        profile,
        ...(cache && { cache }),
        ...(elements && { elements }),
      };
      return { state: 'succeeded', startedAt, endedAt: change.at, ...product };
    }
    case 'failed':
    case 'cancelled':
      return {
        state: change.type,
        endedAt: change.at,
        error: change.error,
        ...(change.elements && { elements: change.elements }),
      };
  }
}

/** A stage is skipped as intended when its own demand is not met, or when all that it lacks was skipped as intended. */
function whySkipped(stages: RunState['stages'], { needs: before }: StageStatus, unmet?: string): Skipped {
  if (unmet !== undefined) return { intended: true, reason: unmet };
  const lost = before.filter((need) => GIVES_NOTHING.has(stages[need]?.state));
  return {
    intended: lost.length > 0 && lost.every((need) => stages[need]?.skipped?.intended === true),
    reason: `it needs ${lost.map((need) => `${need}, which ${ENDS[stages[need]?.state ?? 'skipped']}`).join(', ')}`,
  };
}

type Skipped = NonNullable<StageStatus['skipped']>;

const GIVES_NOTHING: ReadonlySet<StageState | undefined> = new Set(['failed', 'cancelled', 'skipped']);
const ENDS: Partial<Record<StageState, string>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  skipped: 'was skipped',
};

/** A run that was to be cancelled and finished all its work first has succeeded. */
function finalStatus(state: RunState, cancelRequested: boolean): RunStatus {
  const ends = Object.values(state.stages).map((stage) => stage.state);
  const asIntended = ({ state: end, skipped }: StageStatus): boolean =>
    end === 'succeeded' || skipped?.intended === true;
  if (Object.values(state.stages).every(asIntended)) return 'succeeded';
  if (cancelRequested) return 'cancelled';
  return ends.includes('failed') ? 'failed' : 'cancelled';
}
