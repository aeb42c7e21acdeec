import type { ReactNode } from 'react';
import { ApiError } from '../api/client.js';
import type { Problem } from '../api/types.js';
import { CopyButton } from './copy.js';

interface ProblemProps {
  readonly error: unknown;
  readonly retry?: () => void;
  readonly children?: ReactNode;
}

/** What went wrong, where, what was expected, what to do, and how to tell somebody of it. */
export function ProblemNote({ error, retry, children }: ProblemProps): ReactNode {
  const problem = problemOf(error);
  return (
    <div className="note" role="alert">
      <h2>{problem.message}</h2>
      <dl className="facts">
        {facts(problem).map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className="wrap" style={{ whiteSpace: 'pre-line' }}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <p>{problem.hint}</p>
      <div className="row">
        {retry && (
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        )}
        <CopyButton text={detailsOf(problem)} label="Copy details" />
        {children}
      </div>
    </div>
  );
}

function problemOf(
  error: unknown,
): Pick<Problem, 'code' | 'message' | 'hint' | 'requestId'> & Partial<Problem> {
  if (error instanceof ApiError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'Internal',
    message,
    hint: 'Load the page anew. This is a defect of the page, please report it.',
    requestId: '',
  };
}

function facts(problem: ReturnType<typeof problemOf>): readonly (readonly [string, string])[] {
  const { where, expected, actual, code, requestId } = problem;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Where', where],
    ['Expected', expected],
    ['Found', actual],
    ['Code', code],
    ['Request', requestId],
  ];
  return all.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
}

function detailsOf(problem: ReturnType<typeof problemOf>): string {
  return [problem.message, ...facts(problem).map(([name, value]) => `${name}: ${value}`), problem.hint].join(
    '\n',
  );
}

/** Nothing is there, and what to do about it. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="panel empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Holds the place of what is on its way, in its final height. */
export function Skeleton({
  rows,
  height = 20,
}: {
  readonly rows: number;
  readonly height?: number;
}): ReactNode {
  return (
    <div className="stack" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton" style={{ height }} />
      ))}
    </div>
  );
}
