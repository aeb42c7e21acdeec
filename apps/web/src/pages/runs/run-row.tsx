import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunSummary } from '../../api/types.js';
import { duration, secondsBetween, whole } from '../../lib/format.js';
import { lookOfRun, Status } from '../../parts/status.js';
import { Ago, useNow } from '../../parts/time.js';

interface RowProps {
  readonly run: RunSummary;
  /** No longer fits the filter; it stays until the next move. */
  readonly gone: boolean;
  readonly selected: boolean;
  readonly toggle: () => void;
  readonly index: number;
  readonly top: number;
  readonly height: number;
}

export function RunRow({ run, gone, selected, toggle, index, top, height }: RowProps): ReactNode {
  const tail = run.runId.slice(run.pipeline.length);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`run-row${gone ? ' gone' : ''}`}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <span role="cell" className="cell-select">
        <input
          type="checkbox"
          checked={selected}
          onChange={toggle}
          aria-label={`Select ${run.runId}`}
          tabIndex={-1}
        />
      </span>
      <span role="cell" className="cell-status">
        <Status look={lookOfRun(run.status)} share={shareOf(run)} />
      </span>
      <span role="cell" className="cell-name cut">
        <Link
          to="/p/$project/runs/$run"
          params={{ project: run.project, run: run.runId }}
          data-run={run.runId}
          title={run.runId}
        >
          {run.pipeline}
        </Link>
        <span className="faint small mono"> {tail.replace(/^-/, '')}</span>
      </span>
      <span role="cell" className="cell-what cut">
        <What run={run} />
      </span>
      <span role="cell" className="cell-took number">
        <Took run={run} />
      </span>
      <span role="cell" className="cell-when number muted">
        <Ago at={run.submittedAt} />
      </span>
    </div>
  );
}

function shareOf({ stages }: RunSummary): number | undefined {
  return stages.total === 0 ? undefined : stages.done / stages.total;
}

function Took({ run }: { readonly run: RunSummary }): ReactNode {
  const now = useNow();
  return duration(secondsBetween(run.submittedAt, run.endedAt, now));
}

/** What it does, why it failed, or what there is of it. */
function What({ run: { stages, active, error, status, rerunOf } }: { readonly run: RunSummary }): ReactNode {
  const counted = `${whole(stages.done)} of ${whole(stages.total)}`;
  if (error) return <span title={error.message}>{`${error.stage}: ${error.message}`}</span>;
  if (status === 'running' && active) {
    const { stage, progress } = active;
    const at =
      progress && progress.total > 0
        ? ` · ${progress.phase} ${whole(progress.step)}/${whole(progress.total)}`
        : '';
    return <span className="number">{`${counted} · ${stage}${at}`}</span>;
  }
  return (
    <span className="muted number">{`${counted} stages${rerunOf === undefined ? '' : ` · repeats ${rerunOf}`}`}</span>
  );
}
