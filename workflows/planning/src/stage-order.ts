import type { PipelineSpec } from '@vitrine/contracts';
import { awaitedStages } from '@vitrine/contracts/sandbox';
import { byName } from './by-name.js';

type Stages = Pick<PipelineSpec, 'stages'>;

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

/** The stages that wait for each stage, by name. */
export function dependentsOf(spec: Stages): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>();
  for (const name of Object.keys(spec.stages).sort(byName))
    for (const need of needs(spec, name)) {
      const known = dependents.get(need);
      if (known) known.push(name);
      else dependents.set(need, [name]);
    }
  return dependents;
}

/**
 * All stages, each after those it needs; among the possible orders the one whose names come first.
 * @throws RangeError when the needs form a cycle, which a parsed pipeline does not have
 */
export function planOrder(spec: Stages): string[] {
  const names = Object.keys(spec.stages).sort(byName);
  const open = new Map(
    names.map((name) => {
      const needed = needs(spec, name).filter((need) => Object.hasOwn(spec.stages, need));
      return [name, needed.length];
    }),
  );
  const dependents = dependentsOf(spec);
  // Sorted backwards: the next one is taken from the end.
  const free = names.filter((name) => open.get(name) === 0).reverse();
  const order: string[] = [];
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    order.push(next);
    open.delete(next);
    for (const dependent of dependents.get(next) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) insertBackwards(free, dependent);
    }
  }
  if (open.size > 0) throw new RangeError(`stages ${[...open.keys()].join(', ')}: expected no cycle`);
  return order;
}

/** Into a list that is sorted backwards by name. */
function insertBackwards(sorted: string[], name: string): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byName(sorted[middle] as string, name) > 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, name);
}

/** These stages and all that need them, directly or not, sorted by name. */
export function descendants(spec: Stages, stages: Iterable<string>): string[] {
  const found = new Set(stages);
  for (const name of planOrder(spec)) if (needs(spec, name).some((need) => found.has(need))) found.add(name);
  return [...found].sort(byName);
}
