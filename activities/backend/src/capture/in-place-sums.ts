/**
 * Sums in place: an entry of the state that becomes itself plus something, such as the gradient of a batch summed over its
 * parts. Written out, the new sum is a second copy, and a third is what the variable is assigned.
 */
import { DTYPE, factsOf, type Endpoint, type GraphNode } from './graph.js';
import { uses } from './fuse-adam.js';
import type { RecordedFunction } from './lower.js';

export interface InPlaceSum {
  readonly entry: string;
  readonly addend: Endpoint;
}

/** The sums that nothing but the state takes, of entries that nothing else reads. */
export function findInPlaceSums(
  recorded: RecordedFunction,
  nodes: readonly GraphNode[],
): readonly InPlaceSum[] {
  const counts = uses(recorded, nodes);
  return Object.entries(recorded.newState).flatMap(([entry, { node }]) => {
    const [before, addend] = node.inputs;
    const state = recorded.state[entry];
    if (node.op !== 'Add' || !state || !addend || before?.node !== state.node) return [];
    const [was, added] = [factsOf(state), factsOf(addend)];
    const alone = counts.get(node) === 1 && counts.get(state.node) === 1;
    const fits = added.dtype === DTYPE.float32 && added.shape.join() === was.shape.join();
    return alone && fits ? [{ entry, addend }] : [];
  });
}
