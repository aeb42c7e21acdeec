/** Common sub-expressions: every recorded operation is pure, so two equal ones are one. */
import { createHash } from 'node:crypto';
import { inOrder, type Attribute, type GraphNode } from './graph.js';
import { asItIs, rewrite, type Results } from './rewrite.js';

/** A constant's content may be long: its digest stands for it. */
function attributeKey(attribute: Attribute): unknown {
  if (!('tensor' in attribute)) return attribute;
  const { content, ...facts } = attribute.tensor;
  return { ...facts, sha256: createHash('sha256').update(content).digest('hex') };
}

/** What a node computes, in terms of its inputs' numbers. */
function nodeKey({ op, attributes, inputs }: GraphNode, numberOf: (node: GraphNode) => number): string {
  const named = Object.entries(attributes).map(([name, value]) => [name, attributeKey(value)]);
  return JSON.stringify([op, named, inputs.map(({ node, output }) => [numberOf(node), output])]);
}

/** Every node's operation with a key of what it computes: equal lists are equal graphs. */
export function nodeKeys(results: Results): readonly { readonly op: string; readonly key: string }[] {
  const numbers = new Map<GraphNode, number>();
  return inOrder(Object.values(results)).map((node) => {
    numbers.set(node, numbers.size);
    return { op: node.op, key: nodeKey(node, (input) => numbers.get(input) ?? -1) };
  });
}

/** The same results from a graph in which no two nodes are equal. */
export function deduplicate(results: Results): Results {
  const numbers = new Map<GraphNode, number>();
  const byKey = new Map<string, GraphNode>();
  return rewrite(results, (node) => {
    const key = nodeKey(node, (input) => numbers.get(input) ?? -1);
    const twin = byKey.get(key) ?? node;
    byKey.set(key, twin);
    if (!numbers.has(twin)) numbers.set(twin, numbers.size);
    return asItIs(twin);
  });
}
