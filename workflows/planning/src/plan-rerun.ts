import type { PipelineSpec, RunOptions, RunRequest, StageStatus } from '@vitrine/contracts';
import { byName } from './by-name.js';
import { canonicalJson } from './canonical-json.js';
import { seedsOf } from './plan-run.js';
import { descendants } from './stage-order.js';

export interface Rerun {
  /** The run that is repeated, closed. */
  readonly earlier: {
    readonly request: RunRequest;
    readonly stages: Readonly<Record<string, Pick<StageStatus, 'state' | 'skipped'>>>;
  };
  /** As it was, or changed. */
  readonly spec: PipelineSpec;
  /** Stages to compute anew; none: those that did not succeed. */
  readonly from: readonly string[];
}

export interface RerunPlan {
  readonly options: RunOptions;
  /** Stages that are not taken over, by name: named, changed, failed, or after such ones. */
  readonly again: readonly string[];
}

/**
 * What a repetition of a run takes over: every stage that succeeded or was to be skipped, is described as it was, and does not come after one that
 * is not. Named stages and what comes after them are computed whatever is known of them; changed ones may be found.
 */
export function planRerun({ earlier, spec, from }: Rerun): RerunPlan {
  const names = Object.keys(spec.stages);
  const force = descendants(spec, from);
  const changed = names.filter((name) => describe(spec, name) !== describe(earlier.request.spec, name));
  const failed = names.filter((name) => {
    const { state, skipped } = earlier.stages[name] ?? {};
    return state !== 'succeeded' && !skipped?.intended;
  });
  const again = descendants(spec, [...force, ...changed, ...failed]);
  const keep = names.filter((name) => !again.includes(name)).sort(byName);
  return {
    options: { cache: true, force, rerunOf: { runId: earlier.request.runId, keep } },
    again,
  };
}

/** What of a stage's description its result, or whether it has one, depends on; undefined when there is no such stage. */
function describe(spec: PipelineSpec, name: string): string | undefined {
  const stage = Object.hasOwn(spec.stages, name) ? spec.stages[name] : undefined;
  if (!stage) return undefined;
  const { kind, params, inputs, when = [], forEach } = stage;
  return canonicalJson({ kind, params, inputs, when, forEach, seed: seedsOf(spec)[name] });
}
