import type { ReactNode } from 'react';
import type { PlannedStage, RunPlan } from '../../api/types.js';
import { bytes, duration, plural, whole } from '../../lib/format.js';
import type { Look } from '../../lib/run-sentence.js';
import { Status } from '../../parts/status.js';

interface PlanProps {
  readonly plan: RunPlan | undefined;
  /** It is of an earlier text. */
  readonly stale: boolean;
}

const LOOKS: Readonly<Record<PlannedStage['outcome'], readonly [Look, string]>> = {
  found: ['cached', 'found'],
  computed: ['running', 'computed'],
  open: ['waiting', 'depends'],
  skipped: ['skipped', 'skipped'],
};

/** What a run would find, compute, take and wait for; nothing is started for it. */
export function PlanPanel({ plan, stale }: PlanProps): ReactNode {
  if (!plan)
    return (
      <p className="muted">{stale ? 'Looking ahead…' : 'The plan appears when the pipeline is right.'}</p>
    );
  const { total, stages, pools } = plan;
  return (
    <div className={`stack${stale ? ' stale' : ''}`} aria-busy={stale}>
      <dl className="facts number">
        <dt>Stages</dt>
        <dd>
          {whole(stages.length)}, {whole(total.found)} of them found
        </dd>
        {total.computed > total.withoutHistory && (
          <>
            <dt>Takes</dt>
            <dd>
              {duration(total.seconds.median)} ({duration(total.seconds.low)} to{' '}
              {duration(total.seconds.high)})
            </dd>
            <dt>Devices</dt>
            <dd>{duration(total.deviceSeconds.median)} of one device</dd>
            <dt>Writes</dt>
            <dd>{bytes(total.bytes.median)}</dd>
          </>
        )}
        {total.withoutHistory > 0 && (
          <>
            <dt>Unknown</dt>
            <dd>{plural(total.withoutHistory, 'stage')} of a kind that never ran here</dd>
          </>
        )}
        {pools.map(({ pool, hasWorkers, waiting }) => (
          <div key={pool} style={{ display: 'contents' }}>
            <dt>Pool {pool}</dt>
            <dd className={hasWorkers ? '' : 'problem'}>
              {hasWorkers
                ? waiting === 0
                  ? 'nothing waits'
                  : `${plural(waiting, 'stage')} before it`
                : 'no worker serves it: the run would wait'}
            </dd>
          </div>
        ))}
      </dl>
      <ul className="plain plan-list">
        {stages.map(({ stage, outcome, reason, from, forecast }) => {
          const [look, word] = LOOKS[outcome];
          return (
            <li key={stage}>
              <span className="row spread">
                <strong className="cut">{stage}</strong>
                <Status bare look={look} word={word} />
              </span>
              <span className="small muted wrap number">
                {outcome === 'found' && from ? `of ${from.runId}` : reason}
                {forecast &&
                  ` · ${duration(forecast.seconds.median)} (${duration(forecast.seconds.low)} to ${duration(forecast.seconds.high)})`}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
