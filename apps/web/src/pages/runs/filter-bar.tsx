import { useEffect, useState, type ReactNode } from 'react';
import type { RunStatus } from '../../api/types.js';
import { STATUSES, toggleStatus } from '../../lib/run-filter.js';
import { Glyph, lookOfRun } from '../../parts/status.js';

interface FilterProps {
  readonly text: string;
  readonly problems: readonly string[];
  readonly status: readonly RunStatus[];
  /** Typing replaces the address, a finished filter makes a new one. */
  readonly change: (text: string, replace: boolean) => void;
}

/** Text and buttons are two views of one filter. */
export function FilterBar({ text, problems, status, change }: FilterProps): ReactNode {
  const [draft, setDraft] = useState(text);
  // Back, a link or a button has changed the filter: what stands in the field follows.
  useEffect(() => setDraft((before) => (before.trim() === text ? before : text)), [text]);
  return (
    <div className="filter">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          change(draft.trim(), false);
        }}
      >
        <label className="unseen" htmlFor="filter">
          Filter of runs
        </label>
        <input
          id="filter"
          className="input"
          type="search"
          autoComplete="off"
          spellCheck={false}
          placeholder="status:failed pipeline:quick since:7d, or words of a name"
          value={draft}
          aria-invalid={problems.length > 0}
          aria-describedby={problems.length > 0 ? 'filter-problems' : undefined}
          onChange={(event) => {
            setDraft(event.target.value);
            change(event.target.value.trim(), true);
          }}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
      </form>
      <div className="row" role="group" aria-label="Status">
        {STATUSES.map((one) => (
          <button
            key={one}
            type="button"
            className={`button chip look-${lookOfRun(one)}`}
            aria-pressed={status.includes(one)}
            onClick={() => change(toggleStatus(text, one), false)}
          >
            <Glyph look={lookOfRun(one)} /> {one === 'cancelled' ? 'stopped' : one}
          </button>
        ))}
      </div>
      {problems.length > 0 && (
        <p id="filter-problems" className="small problem" role="alert">
          {problems.join(' ')}
        </p>
      )}
    </div>
  );
}
