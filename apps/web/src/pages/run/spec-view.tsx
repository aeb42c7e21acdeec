import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { stringify } from 'yaml';
import type { RunKey } from '../../api/queries.js';
import type { RunRequest } from '../../api/types.js';
import { CopyButton } from '../../parts/copy.js';
import { ProblemNote, Skeleton } from '../../parts/notes.js';

interface SpecProps {
  readonly run: RunKey;
  readonly query: UseQueryResult<RunRequest>;
}

/** The pipeline as it was submitted, with its defaults. */
export function SpecView({ run, query }: SpecProps): ReactNode {
  const { data, error, refetch } = query;
  const text = useMemo(() => (data ? stringify(data.spec, { lineWidth: 0 }) : ''), [data]);
  if (error) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return (
    <div className="stack">
      <div className="row">
        <Link
          className="button"
          to="/p/$project/launch"
          params={{ project: run.project }}
          search={{ from: run.runId }}
        >
          Launch a changed copy
        </Link>
        <CopyButton text={text} label="Copy the pipeline" />
        <span className="small faint mono wrap">code {data.codeVersion.slice(0, 12)}</span>
      </div>
      <pre className="panel text" tabIndex={0} role="region" aria-label="Pipeline">
        {text}
      </pre>
    </div>
  );
}
