import type { ReactNode } from 'react';
import type { StageView } from '../../api/types.js';
import { duration, secondsBetween } from '../../lib/format.js';
import { stageLook } from '../../lib/run-sentence.js';
import { ticks } from '../../lib/ticks.js';
import { Status } from '../../parts/status.js';
import { useNow } from '../../parts/time.js';
import type { StagesProps } from './stage-list.js';

/** When each stage waited and worked, on one axis. */
export function Timeline({ view, chosen, choose }: StagesProps): ReactNode {
  const now = useNow();
  const start = Date.parse(view.submittedAt);
  const end = view.endedAt === undefined ? now : Date.parse(view.endedAt);
  const span = Math.max(1, (end - start) / 1000);
  const at = (iso: string | undefined): number =>
    iso === undefined ? 1 : Math.min(1, Math.max(0, (Date.parse(iso) - start) / 1000 / span));
  const stages = Object.entries(view.stages).sort(([, a], [, b]) => (begun(a) < begun(b) ? -1 : 1));
  return (
    <div className="timeline panel">
      <div className="time-row time-axis small faint number" aria-hidden="true">
        <span />
        <span className="time-lane">
          {ticks(span).map((seconds) => (
            <i key={seconds} style={{ left: `${(100 * seconds) / span}%` }}>
              {duration(seconds)}
            </i>
          ))}
        </span>
      </div>
      {stages.map(([name, stage]) => {
        const look = stageLook(stage);
        const from = at(stage.startedAt ?? stage.endedAt);
        const to = at(stage.endedAt);
        return (
          <button
            key={name}
            type="button"
            className="time-row"
            aria-pressed={name === chosen}
            onClick={() => choose(name)}
          >
            <span className="row" style={{ flexWrap: 'nowrap', minWidth: 0 }}>
              <span className="cut">{name}</span>
              <span className="unseen">{timeWords(stage, now)}</span>
            </span>
            <span className="time-lane">
              {stage.queuedAt !== undefined && (
                <i
                  className="queued"
                  style={place(at(stage.queuedAt), stage.startedAt === undefined ? to : from)}
                />
              )}
              {stage.startedAt !== undefined && (
                <i className={`worked look-${look}`} style={place(from, to)} />
              )}
              <span
                className="time-status"
                style={labelPlace(stage.queuedAt === undefined ? from : at(stage.queuedAt), to)}
              >
                <Status bare look={look} />
                <span className="small muted number">
                  {stage.startedAt !== undefined &&
                    ` ${duration(secondsBetween(stage.startedAt, stage.endedAt, now))}`}
                </span>
              </span>
            </span>
          </button>
        );
      })}
      <p className="small faint time-legend">
        <i className="queued" aria-hidden="true" /> waited for a device
        <i className="worked look-running" aria-hidden="true" /> worked
      </p>
    </div>
  );
}

function begun({ startedAt, queuedAt, endedAt }: StageView): string {
  return queuedAt ?? startedAt ?? endedAt ?? '9';
}

function place(from: number, to: number): { left: string; width: string } {
  return { left: `${100 * from}%`, width: `${100 * Math.max(0, to - from)}%` };
}

/** The words stand behind their bar, before it where there is no room behind it, and on it where there is none at all. */
function labelPlace(from: number, to: number): { left?: string; right?: string } {
  if (to < 0.72) return { left: `calc(${100 * to}% + 8px)` };
  return { right: `calc(${100 * (from > 0.28 ? 1 - from : 1 - to)}% + 8px)` };
}

function timeWords({ queuedAt, startedAt, endedAt }: StageView, now: number): string {
  const waited =
    queuedAt === undefined || startedAt === undefined
      ? ''
      : `waited ${duration(secondsBetween(queuedAt, startedAt, now))}`;
  const worked = startedAt === undefined ? '' : `worked ${duration(secondsBetween(startedAt, endedAt, now))}`;
  return [waited, worked].filter(Boolean).join(', ');
}
