/**
 * The closed list of errors. Everything a user can meet carries one of these codes; whether a workflow retries,
 * which HTTP status the API answers, and the generic hint are read off this table and nowhere else.
 *
 * `retry` says whose budget an attempt is counted against: `never`, the `infrastructure` (the machine or a service died,
 * the same work may well succeed elsewhere), the stage's `own` (its own code failed), or nobody's (`uncounted`: a worker
 * handed the stage back without having begun it).
 */
export type RetryClass = 'never' | 'infrastructure' | 'own' | 'uncounted';

interface ErrorFacts {
  readonly retry: RetryClass;
  /** The worker that met it is at fault: the next attempt is for another one. */
  readonly elsewhere?: true;
  readonly http: number;
  readonly hint: string;
}

export const ERRORS = {
  InvalidSpec: {
    retry: 'never',
    http: 400,
    hint: 'Correct the named field of the pipeline and submit again.',
  },
  InvalidRequest: { retry: 'never', http: 400, hint: 'Correct the named field of the request.' },
  InvalidConfig: {
    retry: 'never',
    http: 500,
    hint: 'Correct the named variable or configuration file and start again.',
  },
  Unauthorized: { retry: 'never', http: 401, hint: 'Send the API token as a bearer token.' },
  NotFound: { retry: 'never', http: 404, hint: 'List what exists with `vitrine runs`.' },
  Conflict: { retry: 'never', http: 409, hint: 'Another request changed this first; read it again.' },
  DatasetMissing: {
    retry: 'never',
    http: 422,
    hint: 'Fetch it with `vitrine data`, or name a folder that holds it.',
  },
  DatasetCorrupt: {
    retry: 'never',
    http: 422,
    hint: 'Remove the named file and fetch it again with `vitrine data`.',
  },
  ArtifactMissing: {
    retry: 'never',
    http: 404,
    hint: 'The object is gone from the store; run the stage that made it again.',
  },
  ArtifactCorrupt: {
    retry: 'never',
    http: 500,
    hint: 'The bytes are not what was written: remove the named object, check the disk, then run the stage again.',
  },
  WeightsMismatch: {
    retry: 'never',
    http: 422,
    hint: 'Give the architecture that the weights were trained with.',
  },
  ShapeMismatch: {
    retry: 'never',
    http: 422,
    hint: 'Check the image size, patch size and class count of the stage.',
  },
  NonFiniteLoss: { retry: 'never', http: 500, hint: 'Lower the learning rate or look at the named batch.' },
  NumericsMismatch: { retry: 'never', http: 409, hint: 'Resume on a worker with the same numerics profile.' },
  SecretMissing: {
    retry: 'never',
    http: 422,
    hint: "Give the workers' environment or file system what the reference names, and run the stage again.",
  },
  SecretExposed: {
    retry: 'never',
    http: 422,
    hint: 'The program wrote a secret into what it was to give away; nothing of it was stored. Correct the program.',
  },
  StageInterrupted: {
    retry: 'infrastructure',
    http: 500,
    hint: 'A failure rule says that no fault of the stage ended it; it is tried again.',
  },
  StageRefused: {
    retry: 'never',
    http: 500,
    hint: 'A failure rule says that it would fail again; read the log of the stage.',
  },
  WorkerUnfit: {
    retry: 'infrastructure',
    elsewhere: true,
    http: 500,
    hint: 'A failure rule says that the worker is at fault; look at its machine. The stage is given to another one.',
  },
  HandedBack: {
    retry: 'uncounted',
    http: 503,
    hint: 'The stage failed on this worker and waits for another one of the pool, for retry.elsewhereSeconds.',
  },
  Preempted: {
    retry: 'uncounted',
    http: 503,
    hint: 'Its devices are wanted by a stage of a higher class or of a project that is guaranteed them; it goes on from its checkpoint.',
  },
  OutOfMemory: { retry: 'never', http: 500, hint: 'Lower the batch size or choose a pool with more memory.' },
  ResultTooLarge: {
    retry: 'never',
    http: 422,
    hint: 'A summary is for a few figures: give the rest as an output.',
  },
  ElementsFailed: {
    retry: 'never',
    http: 500,
    hint: 'Correct what failed and repeat the run: elements that succeeded are not computed again.',
  },
  MetricMissing: {
    retry: 'never',
    http: 422,
    hint: 'Name a figure that the stage reports: `vitrine show RUN --json` of a trial lists them.',
  },
  Rejected: {
    retry: 'never',
    http: 409,
    hint: 'Read the comment of who decided; `vitrine rerun` asks again.',
  },
  TimedOut: {
    retry: 'never',
    http: 504,
    hint: 'Raise the named timeout of the stage, or give its pool more workers.',
  },
  CodeVersionMismatch: {
    retry: 'uncounted',
    http: 409,
    hint: 'Start workers of the version that planned the run.',
  },
  CheckpointFenced: {
    retry: 'infrastructure',
    http: 409,
    hint: 'A newer attempt owns this stage; this one stops.',
  },
  StorageUnavailable: {
    retry: 'infrastructure',
    http: 503,
    hint: 'Check that the S3 server answers at the configured address.',
  },
  TemporalUnavailable: {
    retry: 'infrastructure',
    http: 503,
    hint: 'Check that the Temporal server answers at the configured address.',
  },
  ApiUnavailable: {
    retry: 'infrastructure',
    http: 503,
    hint: 'Start the local stack with `vitrine up`, or correct VITRINE_API_URL.',
  },
  DiskFull: {
    retry: 'infrastructure',
    elsewhere: true,
    http: 507,
    hint: 'Free space on the named file system.',
  },
  ChildKilled: {
    retry: 'infrastructure',
    http: 500,
    hint: 'The stage process was killed from outside; it is tried again.',
  },
  ChildStalled: {
    retry: 'infrastructure',
    http: 500,
    hint: 'The stage process made no progress and was stopped; it is tried again.',
  },
  WorkerShutdown: {
    retry: 'infrastructure',
    http: 503,
    hint: 'The worker was stopped; another one goes on from the checkpoint.',
  },
  StageFailed: { retry: 'own', http: 500, hint: 'Read the log of the stage.' },
  Cancelled: { retry: 'never', http: 409, hint: 'The run was cancelled on request.' },
  Internal: { retry: 'own', http: 500, hint: 'This is a defect of Vitrine; please report it with the log.' },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** Whether the worker that met the error is at fault, so that another one should go on. */
export function wantsElsewhere(code: ErrorCode): boolean {
  const facts: ErrorFacts = ERRORS[code];
  return facts.elsewhere === true;
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** What every error says: where it happened, what was expected, what was found, what to do. Never a secret's value. */
export interface ErrorDetails {
  /** Run, stage, step, file and offset, bucket and key, field path: as exact as is known. */
  readonly where?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** Replaces the generic hint of the code. */
  readonly hint?: string;
}

export interface ErrorView extends ErrorDetails {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export class VitrineError extends Error {
  override readonly name = 'VitrineError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** @param what what failed, as one sentence without the details */
  constructor(code: ErrorCode, what: string, options: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...details } = options;
    super(what, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** The error that `toView` tells of. */
  static of({ code, message, ...details }: ErrorView): VitrineError {
    return new VitrineError(code, message, details);
  }

  toView(): ErrorView {
    return {
      code: this.code,
      message: this.message,
      ...this.details,
      hint: this.details.hint ?? ERRORS[this.code].hint,
    };
  }
}

/** What describing needs of an error; views that were parsed have `undefined` where nothing was said. */
type Described = { readonly [K in keyof ErrorView]: ErrorView[K] | undefined } & Pick<
  ErrorView,
  'code' | 'message' | 'hint'
>;

/** One error as people read it in a terminal or a log: what, where, expected against actual, what to do. */
export function describeError(view: Described): string {
  const lines = [`${view.code}: ${view.message}`];
  if (view.where) lines.push(`  where:    ${view.where}`);
  if (view.expected) lines.push(`  expected: ${view.expected}`);
  if (view.actual) lines.push(`  actual:   ${view.actual}`);
  lines.push(`  to do:    ${view.hint}`);
  return lines.join('\n');
}

/** Any thrown value as an error of the closed list; what is not ours becomes `fallback`. */
export function toVitrineError(thrown: unknown, fallback: ErrorCode = 'Internal'): VitrineError {
  if (thrown instanceof VitrineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new VitrineError(fallback, message, { cause: thrown });
}
