import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { stringify } from 'yaml';
import { ApiError } from '../../api/client.js';
import { planRun, submitRun } from '../../api/commands.js';
import { pipelineSchema, requestQuery } from '../../api/queries.js';
import { cli } from '../../lib/cli-text.js';
import { duration, plural } from '../../lib/format.js';
import { issuesOf, readSpec, type Issue, type SpecDocument } from '../../lib/spec-document.js';
import { Command } from '../../parts/copy.js';
import { ProblemNote, Skeleton } from '../../parts/notes.js';
import { useMedia } from '../../parts/use-media.js';
import { Editor } from './editor.js';
import { PlanPanel } from './plan-panel.js';
import { StageForm } from './stage-form.js';
import { STARTER } from './starter.js';
import { useSettled } from './use-settled.js';
import './launch.css';

const route = getRouteApi('/p/$project/launch');
const IDLE_MILLISECONDS = 500;

/** The text to begin with: of the run that is to be changed, or what was written here last. */
export function LaunchPage(): ReactNode {
  const { project } = route.useParams();
  const { from } = route.useSearch();
  const source = useQuery({
    ...requestQuery({ project, runId: from ?? '' }),
    enabled: from !== undefined,
    placeholderData: undefined,
  });
  if (from !== undefined && source.error)
    return (
      <main className="page" id="main">
        <h1>Launch</h1>
        <ProblemNote error={source.error} retry={() => void source.refetch()} />
      </main>
    );
  if (from !== undefined && !source.data)
    return (
      <main className="page" id="main">
        <h1>Launch</h1>
        <Skeleton rows={10} />
      </main>
    );
  const start = source.data ? stringify(source.data.spec, { lineWidth: 0 }) : undefined;
  return <Launch key={from ?? ''} project={project} from={from} start={start} />;
}

interface LaunchProps {
  readonly project: string;
  readonly from: string | undefined;
  readonly start: string | undefined;
}

function Launch({ project, from, start }: LaunchProps): ReactNode {
  const draftKey = `vitrine.draft.${project}`;
  const [text, setText] = useState(() => start ?? localStorage.getItem(draftKey) ?? STARTER);
  const { view = 'yaml' } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$project/launch' });
  const narrow = useMedia('(max-width: 900px)');
  const [goTo, setGoTo] = useState<{ line: number; asked: number }>();
  const spec = useMemo(() => readSpec(text), [text]);
  const settled = useSettled(text, IDLE_MILLISECONDS);
  const schema = useQuery(pipelineSchema);
  const plan = useQuery({
    queryKey: ['plan', settled],
    queryFn: ({ signal }) => planRun(settled, signal),
    enabled: readSpec(settled).broken === undefined,
    retry: false,
    staleTime: 30_000,
  });
  const [key, setKey] = useState(() => crypto.randomUUID());
  const launch = useMutation({
    mutationFn: () => submitRun(text, key),
    onSuccess: ({ runId, project: of }) => {
      localStorage.removeItem(draftKey);
      return navigate({ to: '/p/$project/runs/$run', params: { project: of, run: runId }, search: {} });
    },
  });
  // What was written elsewhere is a draft only once it is changed here.
  useEffect(() => {
    if (text !== (start ?? STARTER)) localStorage.setItem(draftKey, text);
  }, [text, start, draftKey]);
  const change = (next: string): void => {
    setText(next);
    // Another text is another wish.
    setKey(crypto.randomUUID());
    launch.reset();
  };
  const issues = problemsOf(spec, launch.error ?? (settled === text ? plan.error : null));
  const ready = issues.length === 0 && !launch.isPending;
  const begin = (): void => {
    if (ready) launch.mutate();
  };
  const stale = settled !== text || plan.isFetching;
  const shows = (pane: 'form' | 'yaml' | 'plan'): boolean => !narrow || view === pane;
  const total = plan.data?.total;
  return (
    <main className="page" id="main">
      <title>Launch · Vitrine</title>
      <div className="page-head">
        <div>
          <h1>Launch</h1>
          <p className="muted">
            {from === undefined
              ? 'A pipeline as text; the form and the plan follow it.'
              : `A changed copy of ${from}.`}
          </p>
        </div>
        <div className="row">
          <button
            type="button"
            className="button"
            onClick={() => {
              localStorage.removeItem(draftKey);
              change(start ?? STARTER);
            }}
          >
            Start over
          </button>
          <button type="button" className="button primary" aria-disabled={!ready} onClick={begin}>
            {launch.isPending ? 'Launching…' : 'Launch'}
            {total !== undefined && total.computed > total.withoutHistory && !stale && ready && (
              <span className="number">about {duration(total.seconds.median)}</span>
            )}
          </button>
        </div>
      </div>
      {narrow && (
        <nav className="tabs" aria-label="Views of the pipeline">
          {(['form', 'yaml', 'plan'] as const).map((one) => (
            <Link
              key={one}
              to="/p/$project/launch"
              params={{ project }}
              search={(before) => ({ ...before, view: one })}
              replace
              activeOptions={{ exact: true }}
              aria-current={one === view ? 'page' : undefined}
            >
              {{ form: 'Form', yaml: 'Text', plan: 'Plan' }[one]}
            </Link>
          ))}
        </nav>
      )}
      <Problems
        issues={issues}
        error={launch.error ?? plan.error}
        show={(line) => {
          setGoTo((before) => ({ line, asked: (before?.asked ?? 0) + 1 }));
          if (narrow)
            void navigate({ search: (before) => ({ ...before, view: 'yaml' as const }), replace: true });
        }}
      />
      <div className="launch">
        {shows('form') && (
          <section className="panel pane" aria-label="Form">
            <h2>Form</h2>
            {schema.error && <ProblemNote error={schema.error} retry={() => void schema.refetch()} />}
            <StageForm spec={spec} schema={schema.data} issues={issues} change={change} />
          </section>
        )}
        {shows('yaml') && (
          <section className="panel pane" aria-label="Text">
            <h2>Text</h2>
            <Editor
              text={text}
              change={change}
              wrong={issues.flatMap(({ line }) => line ?? [])}
              launch={begin}
              goTo={goTo}
            />
          </section>
        )}
        {shows('plan') && (
          <section className="panel pane" aria-label="Plan">
            <h2>Plan</h2>
            <PlanPanel plan={issues.length === 0 || stale ? plan.data : undefined} stale={stale} />
            <Command text={cli.plan()} />
            <Command text={cli.run()} />
          </section>
        )}
      </div>
    </main>
  );
}

function problemsOf(spec: SpecDocument, error: unknown): readonly Issue[] {
  const { broken } = spec;
  if (broken) return [{ field: `line ${broken.line}`, message: broken.message, line: broken.line }];
  if (error instanceof ApiError && error.problem.status >= 400 && error.problem.status < 500)
    return issuesOf(spec, error.problem);
  return [];
}

interface ProblemsProps {
  readonly issues: readonly Issue[];
  readonly error: unknown;
  readonly show: (line: number) => void;
}

function Problems({ issues, error, show }: ProblemsProps): ReactNode {
  if (issues.length === 0) {
    const passing = error instanceof ApiError && (error.problem.status === 0 || error.problem.status >= 500);
    return passing ? <ProblemNote error={error} /> : null;
  }
  return (
    <div className="note" role="alert">
      <strong>{plural(issues.length, 'problem')}</strong>
      <ul className="plain">
        {issues.map(({ field, message, line }) => (
          <li key={`${field} ${message}`} className="row">
            <span className="wrap">
              <code>{field}</code>: {message}
            </span>
            {line !== undefined && (
              <button type="button" className="button" onClick={() => show(line)}>
                Line {line}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
