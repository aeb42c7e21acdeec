/** Rebuilds a graph node by node: what every optimisation of graphs does, each with its own replacements. */
import { inOrder, type Endpoint, type GraphNode } from './graph.js';

export type Results = Readonly<Record<string, Endpoint>>;

/**
 * The results with every node replaced.
 * @param replace gets a node whose inputs are replaced already, beside the node as it was; returns one endpoint for each of
 * its outputs
 */
export function rewrite(
  results: Results,
  replace: (node: GraphNode, original: GraphNode) => readonly Endpoint[],
): Results {
  const replaced = new Map<GraphNode, readonly Endpoint[]>();
  const ends = ({ node, output }: Endpoint): Endpoint => replaced.get(node)?.[output] ?? { node, output };
  for (const node of inOrder(Object.values(results))) {
    const inputs = node.inputs.map(ends);
    const same = inputs.every((input, i) => input.node === node.inputs[i]?.node);
    replaced.set(node, replace(same ? node : { ...node, inputs }, node));
  }
  return Object.fromEntries(Object.entries(results).map(([name, end]) => [name, ends(end)]));
}

/** A node's outputs, as they are. */
export const asItIs = (node: GraphNode): readonly Endpoint[] =>
  node.outputs.map((_, output) => ({ node, output }));
