/** Common sub-expressions: every recorded operation is pure, so two equal ones are one. */
import { createHash } from 'node:crypto';
import { inOrder, type Attribute, type Endpoint, type GraphNode } from './graph.js';
import { asItIs, rewrite, type Results } from './rewrite.js';

/** A constant's content may be long: its digest stands for it. */
function attributeKey(attribute: Attribute): unknown {
  if (!('tensor' in attribute)) return attribute;
  const { content, ...facts } = attribute.tensor;
  return { ...facts, sha256: createHash('sha256').update(content).digest('hex') };
}

const attributeKeys = ({ attributes }: GraphNode): unknown =>
  Object.entries(attributes).map(([name, value]) => [name, attributeKey(value)]);

/** What a node computes, in terms of what its inputs are known as. */
const nodeKey = (node: GraphNode, keyOf: (end: Endpoint) => unknown): string =>
  JSON.stringify([node.op, attributeKeys(node), node.inputs.map(keyOf)]);

/**
 * Every operation with a key of what it computes, and the results at the end: equal lists are equal graphs. A constant is
 * part of the operations that take it, so that a difference is said of them.
 */
export function nodeKeys(results: Results): readonly { readonly what: string; readonly key: string }[] {
  const numbers = new Map<GraphNode, number>();
  const keyOf = ({ node, output }: Endpoint): unknown =>
    node.op === 'Const' ? attributeKeys(node) : [numbers.get(node), output];
  const operations = inOrder(Object.values(results)).filter(({ op }) => op !== 'Const');
  const keys = operations.map((node) => {
    numbers.set(node, numbers.size);
    return { what: `operation ${node.op}`, key: nodeKey(node, keyOf) };
  });
  const ends = Object.entries(results).map(([name, end]) => [name, keyOf(end)]);
  return [...keys, { what: 'the results', key: JSON.stringify(ends) }];
}

/** The same results from a graph in which no two nodes are equal. */
export function deduplicate(results: Results): Results {
  const numbers = new Map<GraphNode, number>();
  const byKey = new Map<string, GraphNode>();
  return rewrite(results, (node) => {
    const key = nodeKey(node, ({ node: input, output }) => [numbers.get(input), output]);
    const twin = byKey.get(key) ?? node;
    byKey.set(key, twin);
    if (!numbers.has(twin)) numbers.set(twin, numbers.size);
    return asItIs(twin);
  });
}
