import type { ScheduleEntry, ScheduleView } from '@vitrine/contracts';
import { alignColumns } from './results-table.js';

/** Times ahead that are shown. */
const AHEAD = 5;

/** A schedule for people: when, what, what comes next, what became of the last times. */
export function scheduleLines(view: ScheduleView): string[] {
  const { name, spec, paused, note, next, counts, recent } = view;
  const { times, start, overlap, catchUpSeconds } = spec;
  const when =
    times.cron === undefined
      ? `every ${times.everySeconds} s`
      : `${[times.cron].flat().join(' and ')} in ${times.timeZone}`;
  const what =
    start.kind === 'retrain'
      ? `re-trains ${start.model} by ${start.pipeline.name}`
      : `starts ${start.pipeline.name}`;
  return [
    `${name} ${what}, ${when}${spec.newData ? ', when its data are new' : ''}`,
    `  overlap ${overlap}, catches up for ${catchUpSeconds} s${times.jitterSeconds > 0 ? `, jitter ${times.jitterSeconds} s` : ''}`,
    paused ? `  paused: ${note}` : `  next: ${next.slice(0, AHEAD).join(', ') || 'never again'}`,
    `  ${counts.taken} times taken, ${counts.missed} missed, ${counts.overlapped} left out while an earlier one ran`,
    ...alignColumns(recent.map((entry) => ['', entry.at, ...outcomeOf(entry)])),
  ];
}

function outcomeOf({ outcome, runId, status, reason, error, retrain }: ScheduleEntry): string[] {
  if (outcome === 'unchanged') return ['unchanged', reason ?? ''];
  if (outcome === 'failed') return ['failed', error?.message ?? ''];
  const said = retrain ? `${retrain.decision}: ${retrain.reasons.join('; ')}` : (error?.message ?? '');
  return [status ?? 'running', [runId, said].filter((part) => part !== '').join('  ')];
}
