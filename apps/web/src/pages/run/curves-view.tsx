import { useQueries } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { RunFeed } from '../../api/live-run.js';
import { artifactPath, artifactText, type RunKey } from '../../api/queries.js';
import type { RunView } from '../../api/types.js';
import { seriesOfHistory, type Series } from '../../lib/curves.js';
import { Empty, Skeleton } from '../../parts/notes.js';
import { Chart } from './chart.js';

interface CurvesProps {
  readonly run: RunKey;
  readonly view: RunView;
  /** Only of this one. */
  readonly stage: string | undefined;
  readonly feed: RunFeed;
}

/** What people look at first comes first; the rest by name. */
const FIRST = ['accuracy', 'evaluation accuracy', 'loss'];

/** Curves of stages that have ended are read from their histories; of those that run, from what they report. */
export function CurvesView({ run, view, stage, feed }: CurvesProps): ReactNode {
  const histories = Object.entries(view.stages).flatMap(([name, { outputs }]) =>
    Object.entries(outputs ?? {}).flatMap(([output, artifact]) =>
      artifact.type === 'history' ? [{ stage: name, path: artifactPath(run, name, output), artifact }] : [],
    ),
  );
  const texts = useQueries({
    queries: histories.map(({ path, artifact }) => artifactText(path, artifact.sha256)),
    combine: (results) => results.map(({ data }) => data),
  });
  const stored = useMemo(
    () => histories.flatMap(({ stage: name }, index) => seriesOfHistory(name, texts[index] ?? '')),
    // Histories are named by their digests, and these never change their contents.
    [histories.map(({ artifact }) => artifact.sha256).join(' '), texts],
  );
  const kept = new Set(histories.map(({ stage: name }) => name));
  const live = feed.curves.series().filter((series) => !kept.has(series.stage));
  const all = [...stored, ...live].filter((series) => stage === undefined || series.stage === stage);
  const metrics = byMetric(all);
  if (metrics.length === 0)
    return texts.some((text) => text === undefined) ? (
      <Skeleton rows={2} height={220} />
    ) : (
      <Empty title={stage === undefined ? 'There is no curve yet' : `${stage} has no curve`}>
        <p>
          A training draws its curves here from its first report on. Stages that measure nothing have none.
        </p>
      </Empty>
    );
  return (
    <div className="charts">
      {metrics.map(([metric, series]) => (
        <Chart key={metric} metric={metric} series={series} />
      ))}
    </div>
  );
}

function byMetric(all: readonly Series[]): readonly (readonly [string, readonly Series[]])[] {
  const found = new Map<string, Series[]>();
  for (const series of all) found.set(series.metric, [...(found.get(series.metric) ?? []), series]);
  const place = (metric: string): string => {
    const first = FIRST.indexOf(metric);
    return first < 0 ? `1${metric}` : `0${first}`;
  };
  return [...found].sort(([left], [right]) => (place(left) < place(right) ? -1 : 1));
}
