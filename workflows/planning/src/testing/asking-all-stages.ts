import type { PipelineSpec, StageState } from '@vitrine/contracts';
import { byName } from '../by-name.js';
import { needs, planOrder } from '../stage-order.js';

/** What `StageFrontier` says, by asking every stage: the plain form that it is compared with. */

type Stages = Pick<PipelineSpec, 'stages'>;
type States = Readonly<Record<string, StageState>>;

export function initialStates(spec: Stages): Record<string, StageState> {
  return Object.fromEntries(Object.keys(spec.stages).map((name) => [name, 'waiting']));
}

/** Waiting stages whose needs have all succeeded, sorted by name. */
export function readyStages(spec: Stages, states: States): string[] {
  return waiting(spec, states).filter((name) =>
    needs(spec, name).every((need) => states[need] === 'succeeded'),
  );
}

/** Waiting stages that can never start, because a stage they need, directly or not, will give no output; sorted by name. */
export function blockedStages(spec: Stages, states: States): string[] {
  const lost = new Set(Object.keys(states).filter((name) => GIVES_NOTHING.has(states[name])));
  // Asked after every stage of a run, most of which lose nothing.
  if (lost.size === 0) return [];
  const blocked: string[] = [];
  for (const name of planOrder(spec)) {
    if (states[name] !== 'waiting' || !needs(spec, name).some((need) => lost.has(need))) continue;
    lost.add(name);
    blocked.push(name);
  }
  return blocked.sort(byName);
}

const GIVES_NOTHING: ReadonlySet<StageState | undefined> = new Set(['failed', 'cancelled', 'skipped']);

function waiting(spec: Stages, states: States): string[] {
  return Object.keys(spec.stages)
    .filter((name) => states[name] === 'waiting')
    .sort(byName);
}
