import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { runsQuery } from '../../api/queries.js';
import type { RunSummary } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { plural, whole } from '../../lib/format.js';
import { parseFilter } from '../../lib/run-filter.js';
import { Command } from '../../parts/copy.js';
import { Empty, ProblemNote, Skeleton } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { useKeys } from '../../parts/use-keys.js';
import { useMedia } from '../../parts/use-media.js';
import { FilterBar } from './filter-bar.js';
import { RunRow } from './run-row.js';
import { SelectionBar } from './selection-bar.js';
import { steadyRows } from './steady-rows.js';
import './runs.css';

const route = getRouteApi('/p/$project/runs');
const idOf = ({ runId }: RunSummary): string => runId;
/** Further pages are fetched so many rows before their end. */
const AHEAD = 20;

export function RunsPage(): ReactNode {
  const { project } = route.useParams();
  const { q = '', sel = '' } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$project/runs' });
  const parsed = useMemo(() => parseFilter(q), [q]);
  const query = useInfiniteQuery({
    ...runsQuery(project, parsed.filter),
    placeholderData: keepPreviousData,
    // Pages far down change seldom, and cost as much.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 3 ? 15_000 : 3_000),
  });
  const selected = useMemo(() => new Set(sel.split(',').filter((id) => id !== '')), [sel]);
  const list = useRef<HTMLDivElement>(null);
  const { rows, fresh, letIn } = useSteadyList(query.data?.pages, { selecting: selected.size > 0, q, list });
  const narrow = useMedia('(max-width: 760px)');
  const height = narrow ? 76 : 44;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 10,
    scrollMargin: list.current?.offsetTop ?? 0,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastSeen >= rows.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastSeen, rows.length]);

  const select = (next: ReadonlySet<string>): void => {
    const ids = [...next].sort().join(',');
    void navigate({ search: (before) => ({ ...before, sel: ids === '' ? undefined : ids }), replace: true });
  };
  const toggle = (runId: string): void => {
    const next = new Set(selected);
    if (!next.delete(runId)) next.add(runId);
    select(next);
  };
  const move = (by: number): void => {
    const at = rows.findIndex(({ row }) => row.runId === focusedRun());
    const next = Math.min(Math.max(0, at + by), rows.length - 1);
    const run = rows[next]?.row.runId;
    virtual.scrollToIndex(next);
    // The row may only be drawn after the scroll.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-run="${run}"]`)?.focus());
  };
  useKeys({
    '/': () => document.getElementById('filter')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const run = focusedRun();
      if (run !== undefined) toggle(run);
    },
    Escape: () => select(new Set()),
  });
  const [page] = query.data?.pages ?? [];
  return (
    <main className="page" id="main">
      <title>Runs · Vitrine</title>
      <PageHead
        project={project}
        title="Runs"
        state={page ? countText(page, parsed.words.length > 0) : ' '}
      />
      <FilterBar
        text={q}
        problems={parsed.problems}
        status={parsed.filter.status}
        change={(next, replace) =>
          void navigate({ search: (before) => ({ ...before, q: next === '' ? undefined : next }), replace })
        }
      />
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {fresh > 0 && (
        <button type="button" className="button fresh" onClick={letIn}>
          ↑ {whole(fresh)} new
        </button>
      )}
      {!query.data && !query.error && <Skeleton rows={8} height={height - 8} />}
      {page && rows.length === 0 && (
        <NothingFits
          project={project}
          filtered={parsed.words.length > 0}
          total={page.total}
          matching={page.matching}
        />
      )}
      {rows.length > 0 && (
        <div
          className="panel runs"
          role="table"
          aria-label="Runs"
          aria-rowcount={(page?.matching ?? rows.length) + 1}
        >
          <div role="row" aria-rowindex={1} className="run-head small">
            <span role="columnheader">
              <span className="unseen">Selected</span>
            </span>
            <span role="columnheader">Status</span>
            <span role="columnheader">Run</span>
            <span role="columnheader">What</span>
            <span role="columnheader" className="cell-took">
              Took
            </span>
            <span role="columnheader" className="cell-when">
              Submitted
            </span>
          </div>
          <div ref={list} role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, start }) => {
              const found = rows[index];
              if (!found) return null;
              const { runId } = found.row;
              return (
                <RunRow
                  key={runId}
                  run={found.row}
                  gone={found.gone}
                  selected={selected.has(runId)}
                  toggle={() => toggle(runId)}
                  index={index}
                  top={start - virtual.options.scrollMargin}
                  height={height}
                />
              );
            })}
          </div>
        </div>
      )}
      {selected.size > 0 && (
        <SelectionBar
          project={project}
          runs={[...selected]}
          known={rows.map(({ row }) => row)}
          clear={() => select(new Set())}
        />
      )}
    </main>
  );
}

function focusedRun(): string | undefined {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? activeElement.dataset.run : undefined;
}

interface Held {
  readonly selecting: boolean;
  readonly q: string;
  readonly list: { readonly current: HTMLElement | null };
}

/** The rows, which stand still while somebody has selected some, has gone down the list, or has the focus in it. */
function useSteadyList(
  pages: readonly { readonly runs: readonly RunSummary[] }[] | undefined,
  { selecting, q, list }: Held,
) {
  const all = useMemo(() => (pages ?? []).flatMap(({ runs }) => runs), [pages]);
  const [entered, setEntered] = useState(0);
  const shown = useRef<{
    readonly ids: readonly string[];
    readonly last: ReadonlyMap<string, RunSummary>;
    readonly of: string;
  }>({
    ids: [],
    last: new Map(),
    of: '',
  });
  const of = `${q}\n${entered}`;
  const held =
    shown.current.of === of &&
    (selecting || window.scrollY > 40 || list.current?.contains(document.activeElement) === true);
  const steady = steadyRows(all, { shown: shown.current.ids, held, idOf }, shown.current.last);
  useEffect(() => {
    const rows = steady.rows.map(({ row }) => row);
    shown.current = { ids: rows.map(idOf), last: new Map(rows.map((row) => [row.runId, row])), of };
  });
  return { ...steady, letIn: () => setEntered((count) => count + 1) };
}

function countText({ total, matching }: { total: number; matching: number }, filtered: boolean): string {
  return filtered && matching !== total
    ? `${whole(matching)} of ${plural(total, 'run')}`
    : plural(total, 'run');
}

interface NothingProps {
  readonly project: string;
  readonly filtered: boolean;
  readonly total: number;
  readonly matching: number;
}

function NothingFits({ project, filtered, total, matching }: NothingProps): ReactNode {
  if (total === 0)
    return (
      <Empty title="Nothing has run yet">
        <p>Start the pipeline that ships with the project: it takes a few minutes on this machine.</p>
        <Link className="button primary" to="/p/$project/launch" params={{ project }}>
          Launch
        </Link>
        <Command text={cli.quick()} />
      </Empty>
    );
  return (
    <Empty title="No run fits">
      <p>
        {matching > 0 && filtered
          ? `${plural(matching, 'run')} would fit with any status.`
          : `${plural(total, 'run')} fit without the filter.`}
      </p>
      <Link className="button" to="/p/$project/runs" params={{ project }}>
        Clear the filter
      </Link>
    </Empty>
  );
}
