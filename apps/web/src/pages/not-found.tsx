import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ProblemNote } from '../parts/notes.js';

export function NotFound(): ReactNode {
  return (
    <main className="page" id="main">
      <h1>There is no page at this address</h1>
      <div className="panel empty">
        <p>The link may be older than this version, or was not copied whole.</p>
        <Link className="button" to="/p/$project/runs" params={{ project: 'default' }}>
          Show the runs
        </Link>
      </div>
    </main>
  );
}

export function PageError({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset: () => void;
}): ReactNode {
  return (
    <main className="page" id="main">
      <h1>This page has failed</h1>
      <ProblemNote error={error} retry={reset} />
    </main>
  );
}
