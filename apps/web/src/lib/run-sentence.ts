import type { RunView, StageView } from '../api/types.js';
import { duration, plural, secondsBetween, whole } from './format.js';

/** The state of a run in one sentence, fit to be pasted into a chat. */
export function runSentence(view: RunView, now: number): string {
  const stages = Object.entries(view.stages);
  const done = stages.filter(([, { state }]) => state === 'succeeded' || state === 'skipped').length;
  const took = duration(secondsBetween(view.submittedAt, view.endedAt, now));
  const counted = `${whole(done)} of ${plural(stages.length, 'stage')} done`;
  if (view.status === 'succeeded')
    return `Succeeded in ${took}: ${plural(stages.length, 'stage')}${fromCache(stages)}.`;
  if (view.status === 'cancelled') return `Stopped after ${took}, ${counted}.`;
  if (view.status === 'failed') return `Failed after ${took}, ${counted}${because(stages)}.`;
  const held = stages.find(([, { state }]) => state === 'held');
  if (held) return `Waits for approval of ${held[0]}, ${counted}.`;
  const running = stages.filter(([, { state }]) => state === 'running');
  const [first] = running;
  if (first) return `${stageWords(first)}${others(running.length - 1)}, ${counted}.`;
  const waits = stages.find(([, { waitsFor }]) => waitsFor !== undefined);
  if (waits?.[1].waitsFor)
    return `Waits for ${waits[1].waitsFor.stage} of ${waits[1].waitsFor.runId}, ${counted}.`;
  const queued = stages.find(([, { state }]) => state === 'queued');
  if (queued) return `Waits for a device of pool ${queued[1].pool} (${queued[0]}), ${counted}.`;
  return `Begins, ${counted}.`;
}

function fromCache(stages: readonly [string, StageView][]): string {
  const found = stages.filter(
    ([, { cache }]) => cache !== undefined && !['miss', 'forced'].includes(cache.outcome),
  ).length;
  return found === 0 ? '' : `, ${whole(found)} of them found instead of computed`;
}

function because(stages: readonly [string, StageView][]): string {
  const failed = stages.find(([, { error }]) => error !== undefined);
  return failed?.[1].error ? `: ${failed[0]}: ${failed[1].error.message.replace(/\.$/, '')}` : '';
}

function others(count: number): string {
  return count === 0 ? '' : ` and ${plural(count, 'other')}`;
}

function stageWords([name, { progress, elements }]: readonly [string, StageView]): string {
  if (elements?.total !== undefined)
    return `${name} runs: ${whole(elements.succeeded)} of ${whole(elements.total)} elements`;
  if (!progress || progress.total === 0) return `${name} runs`;
  const eta = progress.etaSeconds === null ? '' : `, about ${duration(progress.etaSeconds)} left`;
  return `${name} runs: ${progress.phase} ${whole(progress.step)} of ${whole(progress.total)}${eta}`;
}

/** Between 0 and 1, for the ring of a run or a stage; undefined when nothing is known. */
export function stageShare({ state, progress, elements }: StageView): number | undefined {
  if (state === 'succeeded' || state === 'skipped') return 1;
  if (elements?.total) return Math.min(1, elements.succeeded / elements.total);
  return progress && progress.total > 0 ? Math.min(1, progress.step / progress.total) : undefined;
}

/** How a stage looks: its state, refined by what is known about its result. */
export type Look =
  'waiting' | 'running' | 'retrying' | 'paused' | 'succeeded' | 'cached' | 'failed' | 'cancelled' | 'skipped';

export function stageLook({ state, cache, epoch }: StageView): Look {
  if (state === 'succeeded')
    return cache && !['miss', 'forced'].includes(cache.outcome) ? 'cached' : 'succeeded';
  if (state === 'running') return (epoch ?? 1) > 1 ? 'retrying' : 'running';
  if (state === 'queued') return 'waiting';
  return state === 'held' ? 'paused' : state;
}
