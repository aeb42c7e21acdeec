import type { RunRequest, RunStatus } from './run-record.js';
import type { ScheduleSpec } from './schedule-spec.js';

/** What Temporal hands to the workflow at each time of a schedule. */
export interface ScheduledInput {
  /** As it was submitted: the stages of packages resolved, the sources of programs packed. */
  readonly spec: ScheduleSpec;
}

/** One time of a schedule. */
export interface ScheduledStart extends ScheduledInput {
  /** Of the workflow's run: what is decided for it is decided once. */
  readonly id: string;
  /** The time it was due; ISO 8601, UTC. */
  readonly at: string;
}

/** Absent request: there is nothing to start, and the history of the schedule says why. */
export interface PreparedStart {
  readonly request?: RunRequest;
}

export interface EndedStart extends ScheduledStart {
  readonly runId: string;
  readonly status: RunStatus;
}

/** On the control queue. */
export interface ScheduleActivities {
  /** Looks for what is to be new, plans the run and stores its request; answers alike however often it is asked. */
  prepareStart(start: ScheduledStart): Promise<PreparedStart>;
  /** Notes how the run ended; of a re-training, decides about its candidate. Idempotent. */
  concludeStart(end: EndedStart): Promise<void>;
}

export type ScheduledWorkflow = (input: ScheduledInput) => Promise<{ readonly runId?: string }>;
