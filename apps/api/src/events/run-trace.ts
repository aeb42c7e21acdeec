import type { ErrorView, Progress, RunEvent, StageOrigin, StageState } from '@vitrine/contracts';

/** The latest that was heard of one stage. */
export interface StageTrace {
  readonly state: StageState;
  readonly progress?: Progress;
  readonly epoch?: number;
  readonly resumedFromStep?: number;
  /** Of the latest attempt. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: ErrorView;
  /** Who computes what it waits for. */
  readonly waitsFor?: StageOrigin;
}

const CLOSED: ReadonlySet<StageState> = new Set<StageState>(['succeeded', 'failed', 'cancelled', 'skipped']);

/** What the stages of a run have reported so far, by stage. A pure fold over events in their order. */
export type RunTrace = ReadonlyMap<string, StageTrace>;

export function applyEvent(trace: RunTrace, event: RunEvent): RunTrace {
  // Of thousands of elements only their stage keeps count.
  if (event.stage.includes('.')) return trace;
  const before = trace.get(event.stage) ?? { state: 'waiting' };
  return new Map(trace).set(event.stage, nextStage(before, event));
}

function nextStage(before: StageTrace, event: RunEvent): StageTrace {
  switch (event.type) {
    case 'progress':
      return { ...running(before, event.at), progress: event.progress };
    case 'attempt':
      return {
        ...running(before, event.at),
        startedAt: event.at,
        epoch: event.epoch,
        resumedFromStep: event.resumedFromStep,
      };
    case 'checkpoint':
      return { ...running(before, event.at), epoch: event.epoch };
    case 'log':
      return before;
    case 'stage':
      return {
        ...(event.state === 'running' ? running(before, event.at) : before),
        state: event.state,
        ...(CLOSED.has(event.state) && { endedAt: event.at }),
        ...(event.error && { error: event.error }),
        ...(event.waitsFor && { waitsFor: event.waitsFor }),
      };
  }
}

function running(
  { endedAt: _ended, error: _error, waitsFor: _waited, ...before }: StageTrace,
  at: string,
): StageTrace {
  return { ...before, state: 'running', startedAt: before.startedAt ?? at };
}
