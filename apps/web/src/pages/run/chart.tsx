import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { thin, type Series } from '../../lib/curves.js';
import { measured, plural, whole } from '../../lib/format.js';
import { seriesSlots } from '../../lib/series-slot.js';
import { useTheme } from '../../parts/use-theme.js';

interface ChartProps {
  readonly metric: string;
  readonly series: readonly Series[];
}

const HEIGHT = 200;
/** All charts of a page show the same instant. */
const SYNC = uPlot.sync('curves');

/** One measured quantity over the steps, a line for each stage. */
export function Chart({ metric, series }: ChartProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useTheme();
  const names = series.map(({ stage }) => stage).join('\n');
  const slots = useMemo(() => seriesSlots(names.split('\n')), [names]);
  const buckets = 600;
  const lines = series.map((one) => thin(one, buckets));
  const points = series.reduce((sum, { x }) => sum + x.length, 0);
  const notNumbers = lines.reduce((sum, line) => sum + line.notNumbers, 0);
  const data = uPlot.join(
    lines.map(({ x, y }): uPlot.AlignedData => [x as number[], y as (number | null)[]]),
  );
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--third'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
      font: '11px system-ui, sans-serif',
    };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { sync: { key: SYNC.key }, points: { size: 6 } },
        scales: { x: { time: false } },
        axes: [
          {
            ...axis,
            size: 32,
            values: (_, values) => values.map((value) => (Number.isInteger(value) ? whole(value) : '')),
          },
          { ...axis, size: 68, values: (_, values) => values.map(measured) },
        ],
        series: [
          {},
          ...names.split('\n').map((stage) => ({
            label: stage,
            stroke: colour(`--s${slots.get(stage) ?? 0}`),
            width: 1.75,
            spanGaps: true,
          })),
        ],
      },
      latest.current,
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, slots, theme]);
  useEffect(() => plot.current?.setData(data));
  return (
    <figure className="chart panel">
      <figcaption>
        <h2>{metric}</h2>
      </figcaption>
      <div ref={box} role="img" aria-label={`${metric}: ${series.map(sentence).join('; ')}`} />
      <ul className="legend small">
        {series.map((one) => (
          <li key={one.stage}>
            <i style={{ background: `var(--s${slots.get(one.stage) ?? 0})` }} aria-hidden="true" />
            {one.stage} <span className="number muted">{measured(one.y.at(-1) ?? NaN)}</span>
          </li>
        ))}
      </ul>
      {(points > 2 * buckets || notNumbers > 0) && (
        <p className="small faint">
          {points > 2 * buckets &&
            `${plural(points, 'point')}, drawn by the least and the largest of each pixel. `}
          {notNumbers > 0 && `${plural(notNumbers, 'point')} are no number, and left out.`}
        </p>
      )}
    </figure>
  );
}

/** What the line shows, for whoever does not see it. */
function sentence({ stage, x, y }: Series): string {
  const finite = y.filter((value) => Number.isFinite(value));
  const [first = NaN] = finite;
  const last = finite.at(-1) ?? NaN;
  const least = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const most = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  return `${stage} from ${measured(first)} to ${measured(last)} over ${whole(x.length)} points, between ${measured(least)} and ${measured(most)}`;
}
