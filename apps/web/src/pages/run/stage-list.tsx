import type { ReactNode } from 'react';
import type { RunView, StageView } from '../../api/types.js';
import { measured, whole } from '../../lib/format.js';
import { stageLook, stageShare } from '../../lib/run-sentence.js';
import { Status } from '../../parts/status.js';
import { StageTook } from './stage-took.js';

export interface StagesProps {
  readonly view: RunView;
  readonly chosen: string | undefined;
  readonly choose: (stage: string | undefined) => void;
}

/** The stages in their order: what stands for the graph where there is no room for one. */
export function StageList({ view, chosen, choose }: StagesProps): ReactNode {
  return (
    <ol className="stage-list panel" aria-label="Stages">
      {Object.entries(view.stages).map(([name, stage]) => (
        <li key={name}>
          <button type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
            <span className="row spread">
              <strong className="cut">{name}</strong>
              <Status look={stageLook(stage)} share={stageShare(stage)} />
            </span>
            <span className="row spread small muted number">
              <span className="cut">{stageFact(stage)}</span>
              <StageTook stage={stage} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** What is worth knowing of a stage in one short line. */
export function stageFact({
  kind,
  state,
  progress,
  elements,
  error,
  skipped,
  waitsFor,
  summary,
}: StageView): string {
  if (error) return error.message;
  if (skipped) return skipped.reason;
  if (elements?.total !== undefined)
    return `${whole(elements.succeeded)} of ${whole(elements.total)} elements`;
  if (waitsFor) return `waits for ${waitsFor.stage} of ${waitsFor.runId}`;
  if (state === 'running' && progress && progress.total > 0) {
    const [metric] = Object.entries(progress.metrics);
    const figure = metric ? ` · ${metric[0]} ${measured(metric[1])}` : '';
    return `${progress.phase} ${whole(progress.step)}/${whole(progress.total)}${figure}`;
  }
  return resultOf(summary) ?? kind;
}

/** Figures that name a result by themselves, the most telling first. */
const HEADLINES = ['testAccuracy', 'accuracy', 'certifiedAccuracy', 'finalLoss', 'loss', 'norm'] as const;

function resultOf(summary: StageView['summary']): string | undefined {
  for (const field of HEADLINES) {
    const value = summary?.[field];
    if (typeof value === 'number') return `${field} ${measured(value)}`;
  }
  const [first] = Array.isArray(summary?.conditions) ? (summary.conditions as unknown[]) : [];
  const accuracy = (first as { accuracy?: unknown } | undefined)?.accuracy;
  return typeof accuracy === 'number' ? `accuracy ${measured(accuracy)}` : undefined;
}
