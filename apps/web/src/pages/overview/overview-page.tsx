import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { about, newestRuns } from '../../api/queries.js';
import type { RunSummary } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { duration, plural, secondsBetween, whole } from '../../lib/format.js';
import { sortedByNeed } from '../../lib/overview.js';
import { Command } from '../../parts/copy.js';
import { Empty, ProblemNote, Skeleton } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { lookOfRun, Status } from '../../parts/status.js';
import { Ago, useNow } from '../../parts/time.js';
import './overview.css';

const route = getRouteApi('/p/$project');
const ALL = { status: [], pipeline: [], text: '', since: '' } as const;
const SHOWN = 8;

/** Whether anything is wrong, what moves, and what came of today. */
export function OverviewPage(): ReactNode {
  const { project } = route.useParams();
  const query = useQuery(newestRuns(project, ALL));
  const now = useNow();
  const list = query.data;
  const { troubled, running, finished } = sortedByNeed(list?.runs ?? [], now);
  return (
    <main className="page" id="main">
      <title>Overview · Vitrine</title>
      <PageHead
        project={project}
        title={project === 'default' ? 'Overview' : project}
        state={list ? headline(troubled.length, running.length) : ' '}
      />
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {!list && !query.error && <Skeleton rows={6} height={48} />}
      {list?.total === 0 && (
        <Empty title="Nothing has run yet">
          <p>Start the pipeline that ships with the project: it takes a few minutes on this machine.</p>
          <Command text={cli.quick()} />
        </Empty>
      )}
      {list && list.total > 0 && (
        <div className="overview">
          <Card title="Needs you" runs={troubled} project={project} filter="status:failed">
            Nothing failed in the last day.
          </Card>
          <Card title="Running" runs={running} project={project} filter="status:running">
            Nothing runs.
          </Card>
          <Card
            title="Finished in the last day"
            runs={finished}
            project={project}
            filter="status:succeeded since:1d"
          >
            Nothing finished in the last day.
          </Card>
        </div>
      )}
      <Elsewhere />
    </main>
  );
}

function headline(troubled: number, running: number): string {
  const trouble =
    troubled === 0
      ? 'Nothing needs you'
      : `${plural(troubled, 'run')} failed and ${troubled === 1 ? 'was' : 'were'} not repeated`;
  return `${trouble}. ${running === 0 ? 'Nothing runs' : `${plural(running, 'run')} at work`}.`;
}

interface CardProps {
  readonly title: string;
  readonly runs: readonly RunSummary[];
  readonly project: string;
  /** Of the list that shows all of them. */
  readonly filter: string;
  /** What is said where there are none. */
  readonly children: string;
}

function Card({ title, runs, project, filter, children }: CardProps): ReactNode {
  return (
    <section className="panel card" aria-label={title}>
      <div className="row spread">
        <h2>
          {title} <span className="faint number">{whole(runs.length)}</span>
        </h2>
        <Link to="/p/$project/runs" params={{ project }} search={{ q: filter }} aria-label={`All: ${title}`}>
          All
        </Link>
      </div>
      {runs.length === 0 && <p className="muted">{children}</p>}
      <ul className="plain">
        {runs.slice(0, SHOWN).map((run) => (
          <CardRow key={run.runId} run={run} />
        ))}
      </ul>
    </section>
  );
}

function CardRow({ run }: { readonly run: RunSummary }): ReactNode {
  const { project, runId, pipeline, status, stages, active, error, submittedAt, endedAt } = run;
  const now = useNow();
  const progress = active?.progress;
  const at = progress && progress.total > 0 ? `, ${whole(progress.step)} of ${whole(progress.total)}` : '';
  const eta = progress?.etaSeconds == null ? '' : `, about ${duration(progress.etaSeconds)} left`;
  return (
    <li className="card-row">
      <Link to="/p/$project/runs/$run" params={{ project, run: runId }} title={runId}>
        {pipeline}
      </Link>
      <Status look={lookOfRun(status)} share={stages.total === 0 ? undefined : stages.done / stages.total} />
      <span className="small muted wrap number">
        {error
          ? `${error.stage}: ${error.message}`
          : active
            ? `${whole(stages.done)} of ${whole(stages.total)} stages, ${active.stage}${at}${eta}`
            : plural(stages.total, 'stage')}
      </span>
      <span className="small faint number">
        {endedAt === undefined ? (
          duration(secondsBetween(submittedAt, undefined, now))
        ) : (
          <>
            {duration(secondsBetween(submittedAt, endedAt, now))} · <Ago at={endedAt} />
          </>
        )}
      </span>
    </li>
  );
}

/** Where the rest of the system is; beside the pages where there is room for it, and here for all. */
function Elsewhere(): ReactNode {
  const { data } = useQuery(about);
  if (!data) return null;
  return (
    <section className="row small elsewhere" aria-label="The rest of the system">
      {data.links.map(({ title, url }) => (
        <a key={url} href={url}>
          {title}
        </a>
      ))}
      <span className="faint">Vitrine {data.version}</span>
    </section>
  );
}
