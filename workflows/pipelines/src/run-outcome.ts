import type { ErrorView, RunOutcome, StageCounts } from '@vitrine/contracts';
import { ERRORS } from '@vitrine/contracts/sandbox';
import { deviceSecondsOf, metricOf } from '@vitrine/planning';
import { runEnd, type RunState } from './progress.js';

/**
 * What a closed run came to.
 * @throws RangeError while it is open
 */
export function runOutcome(state: RunState): RunOutcome {
  const deviceSeconds = deviceSecondsOf(state, state.request.spec);
  const outcome = { ...runEnd(state), deviceSeconds, stages: stageCounts(state) };
  if (state.status !== 'succeeded') return { ...outcome, error: firstError(state) };
  const { metric } = state.request;
  if (metric === undefined) return outcome;
  const value = metricOf(state, metric);
  return value === undefined ? { ...outcome, error: missing(metric, state) } : { ...outcome, metric: value };
}

function stageCounts({ stages }: RunState): StageCounts {
  const done = Object.values(stages).filter(({ state }) => state === 'succeeded');
  const found = done.filter(({ cache }) => cache?.from !== undefined).length;
  return { computed: done.length - found, found };
}

function missing(metric: string, { stages, request: { runId } }: RunState): ErrorView {
  const [stage = ''] = metric.split('.');
  return {
    code: 'MetricMissing',
    message: 'A trial succeeded and did not report the metric of the sweep.',
    where: `run ${runId}`,
    expected: metric,
    actual: Object.keys(stages[stage]?.summary ?? {}).join(', ') || 'no figures',
    hint: ERRORS.MetricMissing.hint,
  };
}

function firstError({ stages, status, request: { runId } }: RunState): ErrorView {
  const failed = Object.values(stages).find(({ state, error }) => state === 'failed' && error);
  const cancelled = Object.values(stages).find(({ error }) => error);
  const found = (failed ?? cancelled)?.error;
  if (found) return { ...found, where: found.where ?? `run ${runId}` } as ErrorView;
  return {
    code: status === 'cancelled' ? 'Cancelled' : 'StageFailed',
    message: 'A trial did not come to its end.',
    where: `run ${runId}`,
    hint: ERRORS.StageFailed.hint,
  };
}
