import { ERRORS, isErrorCode, type ErrorView } from './errors.js';

/** The form in which an error of the closed list crosses Temporal: fields of an application failure. */
export interface FailureFields {
  readonly type: string;
  readonly message: string;
  readonly nonRetryable: boolean;
  readonly details: [ErrorView];
}

export function failureFields(view: ErrorView): FailureFields {
  return {
    type: view.code,
    message: view.message,
    nonRetryable: ERRORS[view.code].retry === 'never',
    details: [view],
  };
}

/** The error that `failureFields` was made from, or the nearest that a foreign failure allows; undefined when its type is not ours. */
export function errorOfFailure(failure: {
  readonly type?: string | null | undefined;
  readonly message: string;
  readonly details?: readonly unknown[] | null | undefined;
}): ErrorView | undefined {
  const code = failure.type ?? '';
  if (!isErrorCode(code)) return undefined;
  const view = failure.details?.[0];
  // The SDK itself fails activities as `WorkerShutdown`, without details.
  if (isRecord(view) && view['code'] === code && typeof view['hint'] === 'string')
    return view as unknown as ErrorView;
  return { code, message: failure.message, hint: ERRORS[code].hint };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
