import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import {
  ERRORS,
  errorOfFailure,
  failureFields,
  type ErrorCode,
  type ErrorView,
} from '@vitrine/contracts/sandbox';

/** An error of the closed list in the form that fails an activity or a workflow; the view travels in the details. */
export function toFailure(view: ErrorView): ApplicationFailure {
  return ApplicationFailure.create({ ...failureFields(view) });
}

/** What a failed activity or child workflow means, as an error of the closed list. */
export function readFailure(thrown: unknown): ErrorView {
  const failure = rootFailure(thrown);
  if (failure instanceof ApplicationFailure) return errorOfFailure(failure) ?? unknownFailure(failure);
  if (failure instanceof TimeoutFailure) return timeoutError(failure);
  if (failure instanceof CancelledFailure) return errorView('Cancelled', 'The stage was cancelled.');
  if (failure instanceof TerminatedFailure) return errorView('Cancelled', 'The stage was terminated.');
  return unknownFailure(failure);
}

/** As `readFailure`, of a stage that had devices: a worker that did not take it is gone. */
export function readLeasedFailure(thrown: unknown): ErrorView {
  const failure = rootFailure(thrown);
  return failure instanceof TimeoutFailure && failure.timeoutType === 'SCHEDULE_TO_START'
    ? errorView('WorkerShutdown', 'The worker that had devices for the stage did not take it.')
    : readFailure(thrown);
}

/** The worker on which an activity failed, by the name it gives itself. */
export function workerOf(thrown: unknown): string | undefined {
  return thrown instanceof ActivityFailure ? thrown.identity : undefined;
}

/** When an activity that timed out sent its last heartbeat, where the heartbeat said so. */
export function lastHeardOf(thrown: unknown): string | undefined {
  const failure = rootFailure(thrown);
  if (!(failure instanceof TimeoutFailure)) return undefined;
  const { at } = (failure.lastHeartbeatDetails ?? {}) as { at?: unknown };
  return typeof at === 'string' ? at : undefined;
}

/** Activity and child workflow failures only wrap what happened. */
function rootFailure(thrown: unknown): unknown {
  const wraps = thrown instanceof ActivityFailure || thrown instanceof ChildWorkflowFailure;
  return wraps && thrown.cause !== undefined ? rootFailure(thrown.cause) : thrown;
}

function timeoutError({ timeoutType }: TimeoutFailure): ErrorView {
  if (timeoutType === 'SCHEDULE_TO_START')
    return {
      ...errorView('TimedOut', 'No worker of the pool had a device for the stage in time.'),
      where: 'timeouts.queueSeconds',
    };
  return timeoutType === 'HEARTBEAT'
    ? errorView('WorkerShutdown', 'The worker stopped answering in the middle of the stage.')
    : errorView(
        'StageFailed',
        'The attempt ran longer than it may.',
        'Raise timeouts.attemptSeconds of the stage, or give it less to do.',
      );
}

function unknownFailure(failure: unknown): ErrorView {
  const { message } = failure instanceof Error ? failure : { message: String(failure) };
  const type = failure instanceof ApplicationFailure ? failure.type : undefined;
  return { ...errorView('Internal', message), ...(type && { actual: type }) };
}

function errorView(code: ErrorCode, message: string, hint: string = ERRORS[code].hint): ErrorView {
  return { code, message, hint };
}
