import type { CacheOutcome, ElementsView, Progress, RunView, StageState } from '@vitrine/contracts';
import { bar } from './bar.js';
import { formatDuration, formatMetric, formatPercent, formatRate } from './format.js';
import { firstLine, paint, type Style, type Tone } from './style.js';

export type StageView = RunView['stages'][string];

export interface LineOptions extends Style {
  readonly name: string;
  /** Columns of the name. */
  readonly nameWidth: number;
  /** Columns of the terminal; nothing is ever wider. */
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const MARKS: Readonly<Record<StageState, { unicode: string; ascii: string; tone: Tone }>> = {
  waiting: { unicode: '○', ascii: '.', tone: 'dim' },
  held: { unicode: '◍', ascii: '?', tone: 'warn' },
  queued: { unicode: '○', ascii: '.', tone: 'dim' },
  running: { unicode: '●', ascii: '>', tone: 'busy' },
  succeeded: { unicode: '✔', ascii: '+', tone: 'good' },
  failed: { unicode: '✖', ascii: 'x', tone: 'bad' },
  cancelled: { unicode: '◼', ascii: '-', tone: 'warn' },
  skipped: { unicode: '◌', ascii: '-', tone: 'dim' },
};

/** One stage in one line: what fits, the most telling first. */
export function stageLine(stage: StageView, options: LineOptions): string {
  const { unicode, ascii, tone } = MARKS[stage.state];
  const name = options.name.slice(0, options.nameWidth).padEnd(options.nameWidth);
  const head = `  ${paint(options.unicode ? unicode : ascii, tone, options)} ${paint(name, 'bold', options)}`;
  const room = options.width - 4 - options.nameWidth;
  return head + fit(parts(stage, options), room, options);
}

/** A piece of a line; those of higher rank are dropped first when the room is short. */
interface Part {
  readonly text: string;
  readonly rank: number;
  readonly tone?: Tone;
}

function fit(found: readonly Part[], room: number, style: Style): string {
  let kept = found.filter(({ text }) => text !== '');
  const width = (): number => kept.reduce((sum, { text }) => sum + 2 + text.length, 0);
  while (kept.length > 1 && width() > room) {
    const worst = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(
      (part, index) => part.rank !== worst || kept.findLastIndex((p) => p.rank === worst) !== index,
    );
  }
  const [only] = kept;
  if (only && width() > room) kept = [{ ...only, text: only.text.slice(0, Math.max(0, room - 2)) }];
  return kept
    .map(({ text, tone }) => (text === '' ? '' : `  ${paint(text, tone ?? 'plain', style)}`))
    .join('');
}

function parts(stage: StageView, options: LineOptions): Part[] {
  switch (stage.state) {
    case 'waiting': {
      const needs = stage.needs.length > 0 ? `waits for ${stage.needs.join(', ')}` : 'waits';
      return [{ text: needs, rank: 0, tone: 'dim' }];
    }
    case 'held':
      return [{ text: `held: approve it with vitrine approve RUN ${options.name}`, rank: 0, tone: 'warn' }];
    case 'queued':
      return [{ text: queuedFor(stage), rank: 0, tone: 'dim' }];
    case 'running':
      return runningParts(stage, options);
    case 'succeeded':
      return [
        { text: took(stage), rank: 0 },
        ...originParts(stage),
        ...(stage.elements ? endedElementParts(stage.elements) : []),
        ...summaryParts(stage.summary ?? {}),
      ];
    case 'failed': {
      const error = stage.error ? `${stage.error.code}: ${firstLine(stage.error.message)}` : 'failed';
      return [
        { text: error, rank: 0, tone: 'bad' },
        { text: took(stage), rank: 1, tone: 'dim' },
      ];
    }
    case 'cancelled':
      return [{ text: stage.state, rank: 0, tone: 'dim' }];
    case 'skipped': {
      const why = stage.skipped ? `: ${firstLine(stage.skipped.reason)}` : '';
      return [{ text: `skipped${why}`, rank: 0, tone: 'dim' }];
    }
  }
}

/** A device, or the result of another run that computes the same. */
function queuedFor({ pool, waitsFor }: StageView): string {
  if (waitsFor) return `waits for ${waitsFor.stage} of ${waitsFor.runId}, which computes the same`;
  return `queued for a slot of pool ${pool}`;
}

function runningParts(stage: StageView, options: LineOptions): Part[] {
  const again: Part = {
    text: (stage.epoch ?? 1) > 1 ? `attempt ${stage.epoch}` : '',
    rank: 7,
    tone: 'warn',
  };
  const { progress, elements } = stage;
  if (elements && !progress) return elementParts(elements, options);
  if (!progress) return [{ text: 'starts', rank: 0, tone: 'busy' }, again];
  const { phase, step, total, stepsPerSecond, etaSeconds } = progress;
  const done = total > 0 ? Math.min(1, step / total) : 0;
  return [
    { text: total > 0 ? bar(done, options) : '', rank: 3, tone: 'busy' },
    { text: total > 0 ? `${Math.floor(100 * done)} %`.padStart(5) : '', rank: 1 },
    { text: firstLine(phase), rank: 6 },
    { text: total > 0 ? `${step}/${total}` : String(step), rank: 2 },
    ...metricParts(progress),
    { text: formatRate(stepsPerSecond), rank: 5, tone: 'dim' },
    { text: etaSeconds === null || step === 0 ? '' : `ETA ${formatDuration(etaSeconds)}`, rank: 2 },
    again,
  ];
}

/** How many elements have ended, of how many; what failed is never left out. */
function elementParts(elements: ElementsView, options: LineOptions): Part[] {
  const { total = 0, succeeded, failed, running } = elements;
  const ended = succeeded + failed;
  const done = total > 0 ? ended / total : 0;
  return [
    { text: total > 0 ? bar(done, options) : '', rank: 3, tone: 'busy' },
    { text: total > 0 ? `${Math.floor(100 * done)} %`.padStart(5) : 'reads its list', rank: 1 },
    { text: total > 0 ? `${ended}/${total}` : '', rank: 0 },
    { text: failed > 0 ? `${failed} failed` : '', rank: 0, tone: 'bad' },
    { text: running > 0 ? `${running} begun` : '', rank: 2 },
    ...foundPart(elements),
  ];
}

function endedElementParts(elements: ElementsView): Part[] {
  const { total = 0, failed } = elements;
  return [
    { text: `${total} elements`, rank: 1 },
    { text: failed > 0 ? `${failed} failed` : '', rank: 0, tone: 'bad' },
    ...foundPart(elements),
  ];
}

function foundPart({ found }: ElementsView): Part[] {
  return [{ text: found > 0 ? `${found} found` : '', rank: 4, tone: 'dim' }];
}

/** What people look at first, then the rest as it comes. */
const METRIC_ORDER = ['loss', 'dataWait', 'accuracy', 'mseProbs', 'norm'];
const METRICS_SHOWN = 2;
/** A wait for data that is worth a word, as a share of the time. */
const NOTABLE_WAIT = 0.05;

function metricParts({ metrics }: Progress): Part[] {
  const place = (name: string): number => METRIC_ORDER.indexOf(name) + 1 || METRIC_ORDER.length + 1;
  return Object.entries(metrics)
    .filter(([name, value]) => name !== 'learningRate' && (name !== 'dataWait' || value >= NOTABLE_WAIT))
    .toSorted(([a], [b]) => place(a) - place(b))
    .slice(0, METRICS_SHOWN)
    .map(([name, value], index) => ({
      text: metricText(name, value),
      rank: index === 0 ? 2 : 4,
    }));
}

function metricText(name: string, value: number): string {
  if (name === 'dataWait') return `data wait ${formatPercent(value)}`;
  return /accuracy/i.test(name) ? `${name} ${formatPercent(value)}` : `${name} ${formatMetric(value)}`;
}

function took({ startedAt, endedAt }: StageView): string {
  if (startedAt === undefined || endedAt === undefined) return '';
  return formatDuration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
}

const ORIGINS: Readonly<Record<CacheOutcome, string>> = {
  hit: 'found in',
  shared: 'shared with',
  kept: 'kept from',
  miss: '',
  forced: '',
};

/** Who computed a result that this run did not compute. */
function originParts({ cache }: StageView): Part[] {
  if (!cache?.from) return [];
  return [{ text: `${ORIGINS[cache.outcome]} ${cache.from.runId}`, rank: 3, tone: 'dim' }];
}

/** The figures of a finished stage that mean something without explanation. */
function summaryParts(summary: Readonly<Record<string, unknown>>): Part[] {
  const { testAccuracy, finalLoss, nullity, norm, conditions } = summary;
  const found: Part[] = [];
  if (typeof testAccuracy === 'number')
    found.push({ text: `accuracy ${formatPercent(testAccuracy)}`, rank: 1, tone: 'good' });
  if (typeof finalLoss === 'number') found.push({ text: `loss ${formatMetric(finalLoss)}`, rank: 2 });
  if (typeof nullity === 'number') found.push({ text: `nullity ${nullity}`, rank: 1 });
  if (typeof norm === 'number') found.push({ text: `norm ${formatMetric(norm)}`, rank: 2 });
  if (Array.isArray(conditions))
    for (const [index, condition] of (conditions as unknown[]).entries()) {
      const { kind, accuracy } = conditionFacts(condition);
      if (kind !== undefined) found.push({ text: `${kind} ${formatPercent(accuracy)}`, rank: 1 + index });
    }
  return found;
}

function conditionFacts(condition: unknown): { kind?: string; accuracy: number } {
  const { condition: facts, accuracy } = (condition ?? {}) as {
    condition?: { kind?: unknown };
    accuracy?: unknown;
  };
  if (typeof facts?.kind !== 'string' || typeof accuracy !== 'number') return { accuracy: 0 };
  return { kind: facts.kind, accuracy };
}
