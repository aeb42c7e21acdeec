import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { VitrineError } from '@vitrine/contracts';

/** gRPC status codes that mean something of their own here. */
export const GRPC = { deadlineExceeded: 4, notFound: 5, unavailable: 14 } as const;

/** Whether this error, or what caused it, is a gRPC status of that code. */
export function hasGrpcCode(error: unknown, code: number): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ((at as { code?: unknown }).code === code) return true;
  }
  return false;
}

interface CallFacts {
  readonly what: string;
  readonly address: string;
  readonly namespace: string;
}

const ANSWERS = [
  WorkflowNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  ScheduleNotFoundError,
  ScheduleAlreadyRunning,
];

/**
 * What the client threw, as ours. Answers stay what they are, since callers decide by them: that there is no such run or schedule, and
 * that there already is one.
 */
export function temporalError(error: unknown, { what, address, namespace }: CallFacts): unknown {
  if (ANSWERS.some((kind) => error instanceof kind)) return error;
  if (error instanceof VitrineError) return error;
  const late = hasGrpcCode(error, GRPC.deadlineExceeded);
  return new VitrineError('TemporalUnavailable', `Temporal did not ${what}.`, {
    where: `${address}, namespace ${namespace}`,
    expected: late ? 'an answer in time' : 'a server that answers',
    actual: late ? 'none before the deadline' : rootMessage(error),
    cause: error,
  });
}

function rootMessage(error: unknown): string {
  let message = String(error);
  for (let at = error; at instanceof Error; at = at.cause) message = at.message;
  return message.split('\n')[0] ?? message;
}
