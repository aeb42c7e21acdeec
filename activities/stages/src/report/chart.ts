import { html, type Html } from './html.js';
import { linearScale, logScale, type Scale } from './scale.js';
import { formatNumber } from './text.js';

export interface Series {
  readonly label: string;
  /** Which of the eight series colours, from 0. */
  readonly colour: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn thin and pale behind the line: what the line is a mean of. */
  readonly raw?: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  readonly logarithmic?: boolean;
  readonly formatY?: (value: number) => string;
  /** Whether there is something between whole numbers of the axis across. */
  readonly continuous?: boolean;
  /** The value beside a series in the legend; its last one unless told otherwise. */
  readonly told?: 'first' | 'last';
  /** Whether the axis starts at 0. */
  readonly fromZero?: boolean;
  /** A dashed line across, such as a tolerance. */
  readonly threshold?: { readonly value: number; readonly label: string };
}

/** In units of the drawing, which is shown at its own size or a third larger: text stays between 11 and 15 pixels. */
const WIDTH = 360;
const HEIGHT = 210;
const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
const MOST_POINTS = 400;
/** So few are marked one by one. */
const FEW_POINTS = 16;

/** A line chart as a figure: drawing, legend, and the numbers as a table that can be opened. */
export function lineChart(options: ChartOptions): Html {
  const { title, series, threshold, formatY = formatNumber } = options;
  const drawn = series.map((one) => ({ ...one, points: thin(one.points), raw: thin(one.raw ?? []) }));
  const points = drawn.flatMap((one) => [...one.points, ...one.raw]);
  if (points.length === 0) return html``;
  const ys = [...points.map(([, y]) => y), ...(threshold ? [threshold.value] : [])];
  const xs = points.map(([x]) => x);
  const x = linearScale({
    from: Math.min(...xs),
    to: Math.max(...xs),
    range: [LEFT, WIDTH - RIGHT],
    ticks: 5,
    whole: !options.continuous,
  });
  const makeY = options.logarithmic ? logScale : linearScale;
  const from = options.fromZero ? Math.min(0, ...ys) : Math.min(...ys);
  const y = makeY({ from, to: Math.max(...ys), range: [HEIGHT - BOTTOM, TOP], ticks: 4 });
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${describe(options)}">
      ${axes({ x, y }, options.xLabel, formatY)} ${threshold && thresholdLine(y, threshold)}
      ${drawn.map((one) => seriesLines(one, { x, y }))}
    </svg>
    ${series.length > 1 || series.some(({ raw }) => raw) ? legend(options, formatY) : ''}
    ${numbers(options, formatY)}
  </figure>`;
}

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

function axes({ x, y }: Scales, xLabel: string, formatY: (value: number) => string): Html {
  const baseline = HEIGHT - BOTTOM;
  return html`<g class="axes">
    ${y.ticks.map(
      (tick) =>
        html`<line
            class="grid"
            x1="${LEFT}"
            x2="${WIDTH - RIGHT}"
            y1="${px(y.at(tick))}"
            y2="${px(y.at(tick))}"
          />
          <text x="${LEFT - 6}" y="${px(y.at(tick) + 3.5)}" text-anchor="end">${formatY(tick)}</text>`,
    )}
    ${x.ticks.map(
      (tick) =>
        html`<line
            class="tick"
            x1="${px(x.at(tick))}"
            x2="${px(x.at(tick))}"
            y1="${baseline}"
            y2="${baseline + 4}"
          />
          <text x="${px(x.at(tick))}" y="${baseline + 15}" text-anchor="middle">${formatNumber(tick)}</text>`,
    )}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${xLabel}</text>
  </g>`;
}

function thresholdLine(y: Scale, { value, label }: { value: number; label: string }): Html {
  const at = px(y.at(value));
  return html`<line class="threshold" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" />
    <text class="threshold" x="${LEFT + 4}" y="${px(y.at(value) + 12)}">${label}</text>`;
}

function seriesLines(one: Series, scales: Scales): Html {
  return html`<g class="series s${one.colour % 8}${one.dashed ? ' dashed' : ''}">
    ${one.raw && one.raw.length > 0 && html`<polyline class="raw" points="${path(one.raw, scales)}" />`}
    ${one.points.length > 1 && html`<polyline points="${path(one.points, scales)}" />`}
    ${
      one.points.length <= FEW_POINTS &&
      one.points.map(
        ([x, y]) => html`<circle cx="${px(scales.x.at(x))}" cy="${px(scales.y.at(y))}" r="2.6" />`,
      )
    }
  </g>`;
}

function legend({ series, told }: ChartOptions, formatY: (value: number) => string): Html {
  return html`<ul class="legend">
    ${series.map(
      (one) =>
        html`<li>
          <span class="key s${one.colour % 8}${one.dashed ? ' dashed' : ''}"></span>${one.label}
          <span class="last">${formatY(one.points.at(told === 'first' ? 0 : -1)?.[1] ?? 0)}</span>
        </li>`,
    )}
  </ul>`;
}

/** The drawing in numbers, ten rows of each series at most. */
function numbers({ title, xLabel, series }: ChartOptions, formatY: (value: number) => string): Html {
  return html`<details>
    <summary>Numbers<span class="unseen"> of ${title}</span></summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col" class="number">${xLabel}</th>
          <th scope="col" class="number">Value</th>
        </tr>
      </thead>
      <tbody>
        ${series.map(({ label, points }) =>
          thin(points, 10).map(
            ([x, y]) =>
              html`<tr>
                <td>${label}</td>
                <td class="number">${formatNumber(x)}</td>
                <td class="number">${formatY(y)}</td>
              </tr>`,
          ),
        )}
      </tbody>
    </table>
  </details>`;
}

function describe({ title, xLabel, series, formatY = formatNumber }: ChartOptions): string {
  const ends = series.map(({ label, points }) => {
    const [first, last] = [points[0]?.[1], points.at(-1)?.[1]];
    return first === undefined || last === undefined
      ? label
      : `${label} from ${formatY(first)} to ${formatY(last)}`;
  });
  return `${title} by ${xLabel}: ${ends.join('; ')}`;
}

const path = (points: readonly (readonly [number, number])[], { x, y }: Scales): string =>
  points.map(([px0, py0]) => `${px(x.at(px0))},${px(y.at(py0))}`).join(' ');

const px = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

/** At most so many points: every n-th, and the last. */
function thin<T>(points: readonly T[], most = MOST_POINTS): readonly T[] {
  const every = Math.ceil(points.length / most);
  return every <= 1 ? points : points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

/** Exponential mean with the given weight of the past, corrected for its start. */
export function smooth(
  points: readonly (readonly [number, number])[],
  past = 0.95,
): (readonly [number, number])[] {
  let mean = 0;
  return points.map(([x, y], i) => {
    mean = past * mean + (1 - past) * y;
    return [x, mean / (1 - past ** (i + 1))] as const;
  });
}
