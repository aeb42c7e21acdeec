import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty, ProblemNote } from '../parts/notes.js';

export function NotFound(): ReactNode {
  return (
    <main className="page" id="main">
      <Empty title="There is no page at this address">
        <p>The link may be older than this version, or was not copied whole.</p>
        <Link className="button" to="/p/$project/runs" params={{ project: 'default' }}>
          Show the runs
        </Link>
      </Empty>
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
      <ProblemNote error={error} retry={reset} />
    </main>
  );
}
