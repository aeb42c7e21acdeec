import type { PipelineSpec, StageState } from '@vitrine/contracts';
import { awaitedStages } from '@vitrine/contracts/sandbox';
import { byName } from './by-name.js';

type Stages = Pick<PipelineSpec, 'stages'>;
type States = Readonly<Record<string, StageState>>;

/**
 * The stages that a stage waits for, sorted by name.
 * @throws RangeError when there is no such stage
 */
export function needs(spec: Stages, stage: string): string[] {
  const found = Object.hasOwn(spec.stages, stage) ? spec.stages[stage] : undefined;
  if (!found)
    throw new RangeError(
      `stage ${stage}: expected one of ${Object.keys(spec.stages).sort(byName).join(', ')}`,
    );
  return awaitedStages(found).sort(byName);
}

/**
 * All stages, each after those it needs; among the possible orders the one whose names come first.
 * @throws RangeError when the needs form a cycle, which a parsed pipeline does not have
 */
export function planOrder(spec: Stages): string[] {
  const left = new Map(
    Object.keys(spec.stages)
      .sort(byName)
      .map((name) => [name, needs(spec, name)]),
  );
  const order: string[] = [];
  while (left.size > 0) {
    const next = [...left].find(([, needed]) => !needed.some((need) => left.has(need)));
    if (!next) throw new RangeError(`stages ${[...left.keys()].join(', ')}: expected no cycle`);
    order.push(next[0]);
    left.delete(next[0]);
  }
  return order;
}

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

/** These stages and all that need them, directly or not, sorted by name. */
export function descendants(spec: Stages, stages: Iterable<string>): string[] {
  const found = new Set(stages);
  for (const name of planOrder(spec)) if (needs(spec, name).some((need) => found.has(need))) found.add(name);
  return [...found].sort(byName);
}

const GIVES_NOTHING: ReadonlySet<StageState | undefined> = new Set(['failed', 'cancelled', 'skipped']);

function waiting(spec: Stages, states: States): string[] {
  return Object.keys(spec.stages)
    .filter((name) => states[name] === 'waiting')
    .sort(byName);
}
