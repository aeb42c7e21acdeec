import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface PageHeadProps {
  readonly project: string;
  readonly title: string;
  /** How things stand; read out when it changes. */
  readonly state: string;
}

/** The head of a page of what there is, with the way to something new. */
export function PageHead({ project, title, state }: PageHeadProps): ReactNode {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        <p className="muted number" aria-live="polite">
          {state}
        </p>
      </div>
      <Link className="button primary" to="/p/$project/launch" params={{ project }}>
        Launch
      </Link>
    </div>
  );
}
