import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { artifactPath, cacheQuery, type RunKey } from '../../api/queries.js';
import type { RunView, StageView } from '../../api/types.js';
import { useLog } from '../../api/use-log.js';
import { bytes } from '../../lib/format.js';
import { stageLook } from '../../lib/run-sentence.js';
import { Status } from '../../parts/status.js';

interface StageProps {
  readonly run: RunKey;
  readonly name: string;
  readonly stage: StageView;
}

export function Cache({ run, name, stage }: StageProps): ReactNode {
  const { data } = useQuery({ ...cacheQuery(run, name, stage.state), enabled: stage.cache !== undefined });
  if (!data || stage.cache === undefined) return null;
  const { from } = data.cache ?? {};
  return (
    <section className="stack" style={{ gap: 4 }}>
      <h3>Where its result comes from</h3>
      <p className="wrap">{data.text}</p>
      {from && (
        <p>
          <Link
            to="/p/$project/runs/$run"
            params={{ project: run.project, run: from.runId }}
            search={{ stage: from.stage }}
          >
            {from.stage} of {from.runId}
          </Link>
        </p>
      )}
      {data.nearest && data.nearest.differences.length > 0 && (
        <table className="diff">
          <caption>
            Against {data.nearest.from.stage} of {data.nearest.from.runId}
          </caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Then</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {data.nearest.differences.map(({ part, field, before = '–', after = '–' }) => (
              <tr key={`${part}.${field}`}>
                <th scope="row">{field === '' ? part : field}</th>
                <td className="mono wrap">{short(before)}</td>
                <td className="mono wrap">{short(after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function Inputs({
  run,
  view,
  stage,
}: {
  readonly run: RunKey;
  readonly view: RunView;
  readonly stage: StageView;
}): ReactNode {
  if (stage.needs.length === 0) return null;
  return (
    <section>
      <h3>Takes from</h3>
      <ul className="plain">
        {stage.needs.map((need) => {
          const needed = view.stages[need];
          return (
            <li key={need} className="row">
              <Link
                to="/p/$project/runs/$run"
                params={{ project: run.project, run: run.runId }}
                search={(before) => ({ ...before, stage: need })}
              >
                {need}
              </Link>
              {needed && <Status bare look={stageLook(needed)} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Outputs({ run, name, stage }: StageProps): ReactNode {
  const outputs = Object.entries(stage.outputs ?? {});
  if (outputs.length === 0) return null;
  return (
    <section>
      <h3>Made</h3>
      <ul className="plain">
        {outputs.map(([output, artifact]) => (
          <li key={output} className="stack" style={{ gap: 4 }}>
            <span className="row spread">
              <Link
                to="/p/$project/runs/$run"
                params={{ project: run.project, run: run.runId }}
                search={{ tab: 'artifacts', file: `${name}/${output}` }}
              >
                {output}
              </Link>
              <span className="small faint number">
                {artifact.type} · {bytes(artifact.bytes)} ·{' '}
                <span className="mono">{artifact.sha256.slice(0, 8)}</span>
              </span>
            </span>
            {artifact.type === 'picture' && (
              <img
                className="thumb"
                src={artifactPath(run, name, output)}
                alt={`${output} of ${name}`}
                loading="lazy"
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const TAIL = 12;

export function Tail({
  run,
  name,
  heard,
}: {
  readonly run: RunKey;
  readonly name: string;
  readonly heard: number;
}): ReactNode {
  const { lines } = useLog(run, name, heard);
  if (lines.length === 0) return null;
  return (
    <section className="stack" style={{ gap: 4 }}>
      <div className="row spread">
        <h3>Said last</h3>
        <Link
          to="/p/$project/runs/$run"
          params={{ project: run.project, run: run.runId }}
          search={{ tab: 'logs', stage: name }}
        >
          All of its log
        </Link>
      </div>
      <pre className="text tail" tabIndex={0} role="region" aria-label={`Last lines of ${name}`}>
        {lines
          .slice(-TAIL)
          .map(({ message }) => message)
          .join('\n')}
      </pre>
    </section>
  );
}
