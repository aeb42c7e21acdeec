import type { RunSummary } from '../api/types.js';

const DAY = 86_400_000;

/** What an overview shows of the newest runs: those that failed and that nobody repeated, those at work, those of the last day. */
export function sortedByNeed(
  runs: readonly RunSummary[],
  now: number,
): Readonly<Record<'troubled' | 'running' | 'finished', readonly RunSummary[]>> {
  const repeated = new Set(runs.flatMap(({ rerunOf }) => rerunOf ?? []));
  const lately = ({ endedAt }: RunSummary): boolean =>
    endedAt !== undefined && now - Date.parse(endedAt) < DAY;
  return {
    troubled: runs.filter((run) => run.status === 'failed' && lately(run) && !repeated.has(run.runId)),
    running: runs.filter(({ status }) => status === 'running'),
    finished: runs.filter((run) => run.status === 'succeeded' && lately(run)),
  };
}
