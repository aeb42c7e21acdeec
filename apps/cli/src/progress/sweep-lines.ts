import type { SweepStatus, SweepView, SweepValue, TrialView } from '@vitrine/contracts';
import { bar } from './bar.js';
import { formatDuration } from './format.js';
import { alignColumns } from './results-table.js';
import { firstLine, paint, type Style, type Tone } from './style.js';

interface SweepLineOptions extends Style {
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Trials in the table, at most. */
  readonly most: number;
}

const TONES: Readonly<Record<SweepStatus, Tone>> = {
  running: 'busy',
  paused: 'warn',
  succeeded: 'good',
  stopped: 'warn',
  failed: 'bad',
};

/** The whole sweep: how it stands, what is left of its budgets, then its trials, best first. */
export function sweepLines(
  view: SweepView,
  trials: readonly TrialView[],
  options: SweepLineOptions,
): string[] {
  const until = view.endedAt === undefined ? options.now : Date.parse(view.endedAt);
  const seconds = Math.max(0, until - Date.parse(view.submittedAt)) / 1000;
  const head = `${paint(view.sweepId, 'bold', options)} ${paint(view.status, TONES[view.status], options)}  ${formatDuration(seconds)}`;
  const cut = (line: string): string => line.slice(0, options.width);
  return [
    head,
    ...standing(view, seconds, options).map(cut),
    ...(trials.length === 0 ? [] : ['', ...trialTable(view, trials, options.most).map(cut)]),
  ];
}

function standing(view: SweepView, seconds: number, style: Style): string[] {
  const { tally, budget, direction, metric } = view;
  const { started, best, stages } = tally;
  const counts = (['running', 'waiting', 'completed', 'stopped', 'failed'] as const)
    .filter((state) => tally[state] > 0)
    .map((state) => `${tally[state]} ${state}`);
  const noNumbers = tally.notNumbers > 0 ? [`${tally.notNumbers} reports that are no numbers`] : [];
  const fields: [string, string][] = [
    ['trials', [share(started, budget.trials, style), ...counts, ...noNumbers].join('  ')],
    ['device time', spent(tally.deviceSeconds, budget.deviceSeconds, style)],
    ...(budget.wallSeconds === undefined
      ? []
      : [['wall time', spent(seconds, budget.wallSeconds, style)] satisfies [string, string]]),
    ['stages', `${stages.computed} computed, ${stages.found} found`],
    ['at a time', `${view.runs.length} of ${view.parallelism}`],
    ['best', best ? `${metric} ${lastValue(best)}, trial ${best.trial}: ${pointText(best)}` : 'none yet'],
    ...(direction === 'minimize' ? [['', 'less is better'] satisfies [string, string]] : []),
    ...(view.reason === undefined ? [] : [['ended', firstLine(view.reason)] satisfies [string, string]]),
  ];
  return fields.map(([name, text]) => `  ${name.padEnd(12)} ${text}`);
}

function share(done: number, all: number, style: Style): string {
  return `${bar(Math.min(1, done / all), style)} ${done}/${all}`;
}

function spent(seconds: number, budget: number | undefined, style: Style): string {
  if (budget === undefined) return formatDuration(seconds);
  return `${bar(Math.min(1, seconds / budget), style)} ${formatDuration(seconds)} of ${formatDuration(budget)}`;
}

/** Trials with their values, best first; who has come further is asked first, since values of unequal resources are not compared. */
export function trialTable(
  { metric, direction }: Pick<SweepView, 'metric' | 'direction'>,
  trials: readonly TrialView[],
  most: number,
): string[] {
  const names = [...new Set(trials.flatMap(({ point }) => Object.keys(point)))];
  const shown = trials.toSorted((one, other) => compare(one, other, direction)).slice(0, most);
  const rows = shown.map((trial) => [
    String(trial.trial),
    trial.error ? `failed: ${trial.error.code}` : trial.state,
    lastValue(trial),
    String(trial.reports.at(-1)?.resource ?? ''),
    formatDuration(trial.deviceSeconds),
    `${trial.stages.computed}+${trial.stages.found}`,
    ...names.map((name) => valueText(trial.point[name])),
  ]);
  const head = ['TRIAL', 'STATE', metric, 'AT', 'DEVICE TIME', 'COMPUTED+FOUND', ...names];
  const hidden = trials.length - shown.length;
  return [...alignColumns([head, ...rows]), ...(hidden > 0 ? [`and ${hidden} more trials`] : [])];
}

function compare(one: TrialView, other: TrialView, direction: 'maximize' | 'minimize'): number {
  const further = resourceOf(other) - resourceOf(one);
  if (further !== 0) return further;
  const [a, b] = [lossOf(one, direction), lossOf(other, direction)];
  return a === b ? one.trial - other.trial : a < b ? -1 : 1;
}

/** -1: has reported nothing. */
function resourceOf({ reports }: TrialView): number {
  return reports.at(-1)?.resource ?? -1;
}

function lossOf({ reports }: TrialView, direction: 'maximize' | 'minimize'): number {
  const value = reports.at(-1)?.value ?? null;
  if (value === null) return Infinity;
  return direction === 'minimize' ? value : -value;
}

function lastValue({ reports }: TrialView): string {
  const last = reports.at(-1);
  return last ? numberText(last.value) : '';
}

export function pointText({ point }: Pick<TrialView, 'point'>): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ');
}

function valueText(value: SweepValue | undefined): string {
  if (value === undefined) return '-';
  return typeof value === 'number' ? numberText(value) : firstLine(JSON.stringify(value));
}

/** What was no number travels as null. */
export function numberText(value: number | null): string {
  if (value === null) return 'no number';
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
