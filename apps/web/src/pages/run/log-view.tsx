import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { RunKey } from '../../api/queries.js';
import type { LogLine, RunView } from '../../api/types.js';
import { useLog } from '../../api/use-log.js';
import { cli } from '../../lib/cli-text.js';
import { plural, whole } from '../../lib/format.js';
import { CopyButton } from '../../parts/copy.js';
import { Empty, ProblemNote, Skeleton } from '../../parts/notes.js';
import { useKeys } from '../../parts/use-keys.js';

const route = getRouteApi('/p/$project/runs/$run');
const LINE = 20;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

interface LogProps {
  readonly run: RunKey;
  readonly view: RunView;
  readonly heard: number;
}

/** What the stages said. It follows its end while the end is in sight, and otherwise stays where somebody reads. */
export function LogView({ run, view, heard }: LogProps): ReactNode {
  const { stage, lq = '', lvl } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$project/runs/$run' });
  const log = useLog(run, stage, heard);
  const lines = useMemo(() => fitting(log.lines, lq, lvl), [log.lines, lq, lvl]);
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  useEffect(() => {
    if (!following || lines.length === 0) return;
    virtual.scrollToIndex(lines.length - 1, { align: 'end' });
    setSeen(lines.length);
  }, [following, lines.length, virtual]);
  useKeys({ '/': () => document.getElementById('log-search')?.focus() });
  const firstError = lines.findIndex(({ level }) => level === 'error');
  const search = (change: {
    lq?: string | undefined;
    lvl?: 'warn' | 'error' | undefined;
    stage?: string | undefined;
  }): void =>
    void navigate({ search: (before) => ({ ...before, tab: 'logs' as const, ...change }), replace: true });
  return (
    <div className="stack">
      <div className="row">
        <label className="unseen" htmlFor="log-search">
          Search in the log
        </label>
        <input
          id="log-search"
          className="input"
          style={{ maxWidth: 280 }}
          type="search"
          placeholder="Search"
          value={lq}
          onChange={({ target }) => search({ lq: target.value === '' ? undefined : target.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <label className="unseen" htmlFor="log-stage">
          Stage
        </label>
        <select
          id="log-stage"
          className="input"
          style={{ width: 'auto' }}
          value={stage ?? ''}
          onChange={({ target }) => search({ stage: target.value === '' ? undefined : target.value })}
        >
          <option value="">all stages</option>
          {Object.keys(view.stages).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <label className="unseen" htmlFor="log-level">
          Level
        </label>
        <select
          id="log-level"
          className="input"
          style={{ width: 'auto' }}
          value={lvl ?? ''}
          onChange={({ target: { value } }) =>
            search({ lvl: value === 'warn' || value === 'error' ? value : undefined })
          }
        >
          <option value="">all levels</option>
          <option value="warn">warnings and errors</option>
          <option value="error">errors</option>
        </select>
        {firstError >= 0 && (
          <button
            type="button"
            className="button"
            onClick={() => {
              setFollowing(false);
              virtual.scrollToIndex(firstError, { align: 'center' });
            }}
          >
            First error
          </button>
        )}
        <CopyButton text={cli.logs(run, stage)} label="Copy as command" />
        <span className="small faint number">
          {plural(lines.length, 'line')}
          {log.dropped > 0 && `, ${whole(log.dropped)} earlier ones left out`}
        </span>
      </div>
      {log.failure !== undefined && <ProblemNote error={log.failure} />}
      {!log.atEnd && log.lines.length === 0 && <Skeleton rows={8} />}
      {log.atEnd && lines.length === 0 && log.failure === undefined && (
        <Empty title={log.lines.length === 0 ? 'Nothing has been said yet' : 'No line fits'}>
          <p>
            {log.lines.length === 0
              ? 'Lines appear here as soon as a stage writes one.'
              : `${plural(log.lines.length, 'line')} without search and level.`}
          </p>
        </Empty>
      )}
      {lines.length > 0 && (
        <div
          ref={box}
          className="log panel"
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label="Log"
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
            setFollowing(scrollTop + clientHeight >= scrollHeight - LINE)
          }
        >
          <div style={{ height: virtual.getTotalSize(), position: 'relative', minWidth: 'max-content' }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const line = lines[index];
              return (
                line && <Line key={line.sequence} line={line} top={start} withStage={stage === undefined} />
              );
            })}
          </div>
        </div>
      )}
      {!following && lines.length > seen && (
        <button type="button" className="button" onClick={() => setFollowing(true)}>
          ↓ {whole(lines.length - seen)} new
        </button>
      )}
    </div>
  );
}

function fitting(lines: readonly LogLine[], text: string, level: string | undefined): readonly LogLine[] {
  const wanted = text.toLowerCase();
  const least = LEVELS.findIndex((one) => one === level);
  if (wanted === '' && least < 0) return lines;
  return lines.filter(
    (line) =>
      LEVELS.indexOf(line.level) >= least && (wanted === '' || line.message.toLowerCase().includes(wanted)),
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly top: number;
  readonly withStage: boolean;
}

function Line({ line: { at, stage, level, message }, top, withStage }: LineProps): ReactNode {
  return (
    <div className={`log-line ${level}`} style={{ transform: `translateY(${top}px)` }}>
      <time className="faint" dateTime={at}>
        {at.slice(11, 23)}
      </time>
      {withStage && <span className="muted">{stage}</span>}
      {level !== 'info' && <strong>{level}</strong>}
      <span>{message}</span>
    </div>
  );
}
