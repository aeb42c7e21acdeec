import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { decideStage } from '../../api/commands.js';
import { runQuery, type RunKey } from '../../api/queries.js';
import type { RunView, StageView } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { duration, measured, whole } from '../../lib/format.js';
import { stageLook, stageShare } from '../../lib/run-sentence.js';
import { Command } from '../../parts/copy.js';
import { icons } from '../../parts/icons.js';
import { ProblemNote } from '../../parts/notes.js';
import { Status } from '../../parts/status.js';
import { RerunDialog } from './run-actions.js';
import { Cache, Inputs, Outputs, Tail } from './stage-results.js';
import { StageTook } from './stage-took.js';

interface DrawerProps {
  readonly run: RunKey;
  readonly view: RunView;
  readonly name: string;
  readonly stage: StageView;
  readonly heard: number;
  readonly close: () => void;
}

/** All that is known of one stage: now, tries, where its result comes from, what it made, what it said last. */
export function StageDrawer({ run, view, name, stage, heard, close }: DrawerProps): ReactNode {
  const [rerun, setRerun] = useState(false);
  const closed = view.status !== 'running';
  return (
    <aside className="drawer panel" aria-label={`Stage ${name}`}>
      <div className="row spread" style={{ flexWrap: 'nowrap' }}>
        <h2 className="wrap">{name}</h2>
        <button type="button" className="button quiet" onClick={close} aria-label="Close the stage">
          {icons.close}
        </button>
      </div>
      <div className="row">
        <Status look={stageLook(stage)} share={stageShare(stage)} />
        <span className="small muted">
          {stage.kind} · <StageTook stage={stage} />
        </span>
      </div>
      {stage.error && <StageError stage={stage} />}
      {stage.state === 'held' && <Approval run={run} name={name} />}
      {stage.skipped && <p>{stage.skipped.reason}</p>}
      <Waiting stage={stage} />
      <Now stage={stage} />
      <Elements stage={stage} />
      <Tries stage={stage} />
      <Cache run={run} name={name} stage={stage} />
      <Inputs view={view} stage={stage} run={run} />
      <Outputs run={run} name={name} stage={stage} />
      <Tail run={run} name={name} heard={heard} />
      {closed && (
        <button type="button" className="button" onClick={() => setRerun(true)}>
          Re-run from here
        </button>
      )}
      {rerun && <RerunDialog view={view} from={name} close={() => setRerun(false)} />}
    </aside>
  );
}

function StageError({ stage: { error } }: { readonly stage: StageView }): ReactNode {
  if (!error) return null;
  return (
    <div className="note" role="alert">
      <strong>{error.message}</strong>
      <dl className="facts">
        {[
          ['Code', error.code],
          ['Where', error.where],
          ['Expected', error.expected],
          ['Found', error.actual],
        ].map(
          ([label, value]) =>
            value !== undefined && (
              <div key={label} style={{ display: 'contents' }}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p>{error.hint}</p>
    </div>
  );
}

function Approval({ run, name }: { readonly run: RunKey; readonly name: string }): ReactNode {
  const queries = useQueryClient();
  const [comment, setComment] = useState('');
  const decide = useMutation({
    mutationFn: (approved: boolean) => decideStage(run, { stage: name, approved, comment }),
    onSuccess: () => queries.invalidateQueries(runQuery(run)),
  });
  return (
    <section className="stack">
      <p>This stage waits until somebody approves it.</p>
      <label className="small" htmlFor="comment">
        Comment, kept with the decision
      </label>
      <input
        id="comment"
        className="input"
        value={comment}
        maxLength={1000}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={decide.isPending}
          onClick={() => decide.mutate(true)}
        >
          Approve
        </button>
        <button
          type="button"
          className="button danger"
          disabled={decide.isPending}
          onClick={() => decide.mutate(false)}
        >
          Reject
        </button>
      </div>
      {decide.error && <ProblemNote error={decide.error} />}
      <Command text={cli.approve(run, name)} />
    </section>
  );
}

function Waiting({ stage }: { readonly stage: StageView }): ReactNode {
  if (stage.waitsFor)
    return (
      <p>
        Waits for the result of {stage.waitsFor.stage} of {stage.waitsFor.runId}, which computes the same.
      </p>
    );
  if (stage.state === 'queued') return <p>Waits for a free device of pool {stage.pool}.</p>;
  if (stage.state === 'waiting')
    return (
      <p className="muted">Waits for {stage.needs.length === 0 ? 'its turn' : stage.needs.join(', ')}.</p>
    );
  return null;
}

function Now({ stage: { progress, state } }: { readonly stage: StageView }): ReactNode {
  if (!progress || state !== 'running') return null;
  const { phase, step, total, stepsPerSecond, etaSeconds, metrics } = progress;
  return (
    <section>
      <h3>Now</h3>
      <dl className="facts number">
        <dt>Step</dt>
        <dd>
          {phase} {whole(step)} of {whole(total)}
        </dd>
        <dt>Speed</dt>
        <dd>{measured(stepsPerSecond)} steps a second</dd>
        {etaSeconds !== null && (
          <>
            <dt>Left</dt>
            <dd>about {duration(etaSeconds)}</dd>
          </>
        )}
        {Object.entries(metrics).map(([metric, value]) => (
          <div key={metric} style={{ display: 'contents' }}>
            <dt>{metric}</dt>
            <dd>{measured(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Elements({ stage: { elements } }: { readonly stage: StageView }): ReactNode {
  if (!elements) return null;
  const { total, succeeded, found, failed, running, failures } = elements;
  return (
    <section>
      <h3>Elements</h3>
      <p className="number">
        {whole(succeeded)} of {total === undefined ? 'an unknown number' : whole(total)} done, {whole(found)}{' '}
        of them found, {whole(running)} at work, {whole(failed)} failed
      </p>
      {failures.length > 0 && (
        <ul>
          {failures.map(({ index, item, error }) => (
            <li key={index} className="wrap">
              {index} ({item}): {error.message}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Tries({
  stage: { epoch, resumedFromStep, profile, pool },
}: {
  readonly stage: StageView;
}): ReactNode {
  if (epoch === undefined && !profile) return null;
  return (
    <section>
      <h3>Where</h3>
      <dl className="facts number">
        {epoch !== undefined && (
          <>
            <dt>Tries</dt>
            <dd>
              {whole(epoch)}
              {resumedFromStep ? `, the last from step ${whole(resumedFromStep)}` : ''}
            </dd>
          </>
        )}
        <dt>Pool</dt>
        <dd>{pool}</dd>
        {profile && (
          <>
            <dt>Numerics</dt>
            <dd>
              {profile.device}, {profile.precision}, {profile.execution}, {profile.threads} threads
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
