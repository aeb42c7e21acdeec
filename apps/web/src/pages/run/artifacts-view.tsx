import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client, unwrap } from '../../api/client.js';
import { artifactPath, type RunKey } from '../../api/queries.js';
import type { Artifact, RunView } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { bytes, plural } from '../../lib/format.js';
import { Command, CopyButton } from '../../parts/copy.js';
import { Empty } from '../../parts/notes.js';
import { Preview } from './preview.js';

const route = getRouteApi('/p/$project/runs/$run');

interface ArtifactsProps {
  readonly run: RunKey;
  readonly view: RunView;
}

/** What the stages have made: a list, and a look into what is chosen of it. */
export function ArtifactsView({ run, view }: ArtifactsProps): ReactNode {
  const { file, stage: only } = route.useSearch();
  const all = Object.entries(view.stages).flatMap(([stage, { outputs }]) =>
    Object.entries(outputs ?? {}).map(([output, artifact]) => ({ stage, output, artifact })),
  );
  const shown = only === undefined ? all : all.filter(({ stage }) => stage === only);
  if (all.length === 0)
    return (
      <Empty title="Nothing has been made yet">
        <p>Models, histories and pictures appear here when the stage that makes them has succeeded.</p>
      </Empty>
    );
  const chosen = all.find(({ stage, output }) => `${stage}/${output}` === file);
  return (
    <div className="artifacts">
      <nav className="panel artifact-list" aria-label="Artifacts">
        {(shown.length > 0 ? shown : all).map(({ stage, output, artifact }) => {
          const name = `${stage}/${output}`;
          return (
            <Link
              key={name}
              to="/p/$project/runs/$run"
              params={{ project: run.project, run: run.runId }}
              search={(before) => ({ ...before, tab: 'artifacts', file: name })}
              activeOptions={{ exact: true }}
              aria-current={name === file ? 'true' : undefined}
            >
              <span className="cut">
                <span className="muted">{stage} / </span>
                <strong>{output}</strong>
              </span>
              <span className="small faint number">
                {artifact.type} · {bytes(artifact.bytes)}
              </span>
            </Link>
          );
        })}
      </nav>
      {chosen ? (
        <Chosen run={run} sealed={view.status !== 'running'} {...chosen} />
      ) : (
        <p className="muted">Choose one to look into it.</p>
      )}
    </div>
  );
}

interface ChosenProps {
  readonly run: RunKey;
  readonly stage: string;
  readonly output: string;
  readonly artifact: Artifact;
  /** What was made of what is written down when the run has ended. */
  readonly sealed: boolean;
}

function Chosen({ run, stage, output, artifact, sealed }: ChosenProps): ReactNode {
  const path = artifactPath(run, stage, output);
  return (
    <section className="stack" aria-label={`${output} of ${stage}`}>
      <div className="row spread">
        <h2 className="wrap">
          {stage} / {output}
        </h2>
        <a className="button" href={path} download>
          Download {bytes(artifact.bytes)}
        </a>
      </div>
      <dl className="facts">
        <dt>sha256</dt>
        <dd className="mono">
          {artifact.sha256} <CopyButton small text={artifact.sha256} label="Copy the digest" />
        </dd>
        <dt>Kept at</dt>
        <dd className="mono">{artifact.uri}</dd>
      </dl>
      <Preview path={path} artifact={artifact} title={`${output} of ${stage}`} />
      {sealed && <Lineage project={run.project} sha256={artifact.sha256} />}
      <Command text={cli.lineage(run, stage, output)} />
    </section>
  );
}

const STEPS = 8;

function Lineage({ project, sha256 }: { readonly project: string; readonly sha256: string }): ReactNode {
  const { data } = useQuery({
    queryKey: ['lineage', project, sha256],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/lineage/{project}/{sha256}', { params: { path: { project, sha256 } }, signal }),
      ),
    retry: false,
    placeholderData: undefined,
  });
  if (!data) return null;
  const { upstream, downstream } = data;
  return (
    <div className="lineage small">
      <LineageSide title={`Made by ${plural(upstream.length, 'step')}`} steps={upstream} project={project} />
      <LineageSide
        title={`Used by ${plural(downstream.length, 'step')}`}
        steps={downstream}
        project={project}
      />
    </div>
  );
}

interface SideProps {
  readonly title: string;
  readonly project: string;
  readonly steps: readonly { readonly runId: string; readonly stage: string; readonly kind: string }[];
}

function LineageSide({ title, steps, project }: SideProps): ReactNode {
  return (
    <div>
      <h3>{title}</h3>
      <ul className="plain">
        {steps.slice(0, STEPS).map(({ runId, stage, kind }) => (
          <li key={`${runId} ${stage}`}>
            <Link to="/p/$project/runs/$run" params={{ project, run: runId }} search={{ stage }}>
              {stage}
            </Link>{' '}
            <span className="faint">
              {kind}, {runId}
            </span>
          </li>
        ))}
        {steps.length > STEPS && <li className="faint">and {plural(steps.length - STEPS, 'more step')}</li>}
      </ul>
    </div>
  );
}
