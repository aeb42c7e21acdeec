import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useRunFeed } from '../../api/live-run.js';
import { requestQuery, runQuery } from '../../api/queries.js';
import type { RunView } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { runSentence } from '../../lib/run-sentence.js';
import { CopyButton } from '../../parts/copy.js';
import { ProblemNote, Skeleton } from '../../parts/notes.js';
import { lookOfRun, Status } from '../../parts/status.js';
import { Ago, useNow } from '../../parts/time.js';
import { useKeys } from '../../parts/use-keys.js';
import { useMedia } from '../../parts/use-media.js';
import type { RunTab } from '../../router.js';
import { ArtifactsView } from './artifacts-view.js';
import { LogView } from './log-view.js';
import { ReportView, reportsOf } from './report-view.js';
import { RunActions } from './run-actions.js';
import { SpecView } from './spec-view.js';
import { StageDrawer } from './stage-drawer.js';
import { StageList } from './stage-list.js';
import { Timeline } from './timeline.js';
import './run.css';

const GraphView = lazy(() => import('./graph-view.js').then(({ GraphView: view }) => ({ default: view })));
const CurvesView = lazy(() => import('./curves-view.js').then(({ CurvesView: view }) => ({ default: view })));

const route = getRouteApi('/p/$project/runs/$run');

const TAB_WORDS: Readonly<Record<RunTab, string>> = {
  graph: 'Graph',
  timeline: 'Timeline',
  curves: 'Curves',
  logs: 'Logs',
  artifacts: 'Artifacts',
  report: 'Report',
  spec: 'Pipeline',
};

export function RunPage(): ReactNode {
  const { project, run: runId } = route.useParams();
  const { tab = 'graph', stage } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$project/runs/$run' });
  const run = { project, runId };
  const query = useQuery(runQuery(run));
  const view = query.data?.runId === runId ? query.data : undefined;
  const feed = useRunFeed(run, view?.status === 'running');
  const request = useQuery(requestQuery(run));
  const narrow = useMedia('(max-width: 760px)');
  const choose = (next: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, stage: next, tab: tab as RunTab }) });
  useKeys({
    Escape: () => choose(undefined),
    n: () => {
      const failed = Object.entries(view?.stages ?? {}).filter(([, { state }]) => state === 'failed');
      const at = failed.findIndex(([name]) => name === stage);
      const next = failed[(at + 1) % failed.length]?.[0];
      if (next !== undefined) choose(next);
    },
  });
  if (query.error && !view)
    return (
      <main className="page" id="main">
        <title>{`${runId} · Vitrine`}</title>
        <h1>{runId}</h1>
        <ProblemNote error={query.error} retry={() => void query.refetch()}>
          <Link className="button" to="/p/$project/runs" params={{ project }}>
            All runs
          </Link>
        </ProblemNote>
      </main>
    );
  if (!view)
    return (
      <main className="page" id="main">
        <title>{`${runId} · Vitrine`}</title>
        <h1>{runId}</h1>
        <Skeleton rows={6} height={56} />
      </main>
    );
  const chosen = stage === undefined ? undefined : view.stages[stage];
  const tabs = (Object.keys(TAB_WORDS) as RunTab[]).filter(
    (one) => one !== 'report' || reportsOf(view).length > 0,
  );
  return (
    <main className="page" id="main">
      <title>{`${view.status}: ${view.pipeline} · Vitrine`}</title>
      <Head view={view} connection={feed.connection} />
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      <nav className="tabs" aria-label="Parts of the run">
        {tabs.map((one) => (
          <Link
            key={one}
            to="/p/$project/runs/$run"
            params={{ project, run: runId }}
            search={{ ...(one !== 'graph' && { tab: one }), ...(stage !== undefined && { stage }) }}
            aria-current={one === tab ? 'page' : undefined}
            // A tab is the page one is on whatever else the address says.
            activeOptions={{ exact: true }}
          >
            {TAB_WORDS[one]}
          </Link>
        ))}
      </nav>
      <div className={`run-body${chosen ? ' with-drawer' : ''}`}>
        <div className="run-main">
          <Suspense fallback={<Skeleton rows={4} height={80} />}>
            {tab === 'graph' &&
              (narrow ? (
                <StageList view={view} chosen={stage} choose={choose} />
              ) : (
                <GraphView view={view} chosen={stage} choose={choose} />
              ))}
            {tab === 'timeline' && <Timeline view={view} chosen={stage} choose={choose} />}
            {tab === 'curves' && <CurvesView run={run} view={view} stage={stage} feed={feed} />}
            {tab === 'logs' && <LogView run={run} view={view} heard={feed.lastLogged} />}
            {tab === 'artifacts' && <ArtifactsView run={run} view={view} />}
            {tab === 'report' && <ReportView run={run} view={view} />}
            {tab === 'spec' && <SpecView run={run} query={request} />}
          </Suspense>
        </div>
        {stage !== undefined && chosen && (
          <StageDrawer
            key={stage}
            run={run}
            view={view}
            name={stage}
            stage={chosen}
            heard={feed.lastLogged}
            close={() => choose(undefined)}
          />
        )}
      </div>
    </main>
  );
}

interface HeadProps {
  readonly view: RunView;
  readonly connection: string;
}

function Head({ view, connection }: HeadProps): ReactNode {
  const now = useNow();
  const { project, runId, pipeline, status, submittedAt, rerunOf } = view;
  const sentence = runSentence(view, now);
  const said = useSlowly(sentence);
  return (
    <div className="page-head">
      <div className="stack" style={{ gap: 4, minWidth: 0, flex: 1 }}>
        <p className="small">
          <Link to="/p/$project/runs" params={{ project }}>
            Runs
          </Link>
          <span className="faint mono wrap"> / {runId} </span>
          <CopyButton small text={runId} label="Copy the run’s id" />
        </p>
        <div className="row">
          <h1>{pipeline}</h1>
          <Status look={lookOfRun(status)} />
          {status === 'running' && (
            <span className={`live small ${connection}`}>
              {connection === 'live' ? 'live' : 'connecting…'}
            </span>
          )}
        </div>
        <p className="sentence number">{sentence}</p>
        <p className="unseen" aria-live="polite">
          {said}
        </p>
        <p className="small faint">
          Submitted <Ago at={submittedAt} />
          {rerunOf !== undefined && (
            <>
              {' · repeats '}
              <Link to="/p/$project/runs/$run" params={{ project, run: rerunOf }}>
                {rerunOf}
              </Link>
            </>
          )}
        </p>
      </div>
      <div className="row">
        <RunActions view={view} />
        <CopyButton text={cli.show(view)} label="Copy as command" />
      </div>
    </div>
  );
}

const SPOKEN_MILLISECONDS = 15_000;

/** Whoever hears the page is told its state now and then, not at every step. */
function useSlowly(text: string): string {
  const [said, setSaid] = useState(text);
  const [latest] = useState({ text });
  useEffect(() => {
    latest.text = text;
  }, [latest, text]);
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.text), SPOKEN_MILLISECONDS);
    return () => clearInterval(timer);
  }, [latest]);
  return said;
}
