/** A recorded computation, before it becomes a TensorFlow graph. */

/** TensorFlow's numbers for the types that occur (`tensorflow/core/framework/types.proto`). */
export const DTYPE = { float32: 1, int32: 3, bool: 10, bfloat16: 14, float16: 19, uint64: 23 } as const;

export interface TensorFacts {
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** A value of an attribute, in the shape of `AttrValue` in TensorFlow's `attr_value.proto`. */
export type Attribute =
  | { readonly s: string }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly type: number }
  | { readonly shape: readonly number[] }
  | { readonly tensor: TensorFacts & { readonly content: Uint8Array } }
  | { readonly ints: readonly number[] }
  | { readonly types: readonly number[] }
  | { readonly strings: readonly string[] };

/** One operation. Nodes are compared by identity, and never change once they are made. */
export interface GraphNode {
  readonly op: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly inputs: readonly Endpoint[];
  readonly outputs: readonly TensorFacts[];
}

/** One output of a node. */
export interface Endpoint {
  readonly node: GraphNode;
  readonly output: number;
}

export function factsOf({ node, output }: Endpoint): TensorFacts {
  const facts = node.outputs[output];
  if (!facts) throw new RangeError(`${node.op} has no output ${output}`);
  return facts;
}

/** Not an operation of TensorFlow's: its first input, once the second is there. */
export const AFTER = 'After';

/** A node with one output. */
export function single(
  op: string,
  inputs: readonly Endpoint[],
  { attributes, ...facts }: TensorFacts & { readonly attributes: GraphNode['attributes'] },
): Endpoint {
  return { node: { op, attributes, inputs, outputs: [facts] }, output: 0 };
}

export function constant(facts: TensorFacts, content: Uint8Array): Endpoint {
  return single('Const', [], {
    ...facts,
    attributes: { dtype: { type: facts.dtype }, value: { tensor: { ...facts, content } } },
  });
}

/** The bytes of a constant; undefined for any other endpoint. */
export function constantBytes({ node }: Endpoint): Uint8Array | undefined {
  const value = node.op === 'Const' ? node.attributes['value'] : undefined;
  return value && 'tensor' in value ? value.tensor.content : undefined;
}

/** Every node that the endpoints need, each after those that it needs itself. */
export function inOrder(roots: readonly Endpoint[]): GraphNode[] {
  const order = new Set<GraphNode>();
  const stack: { readonly node: GraphNode; next: number }[] = [];
  const enter = (node: GraphNode): void => {
    if (!order.has(node)) stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root.node);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input) enter(input.node);
      else {
        order.add(top.node);
        stack.pop();
      }
    }
  }
  return [...order];
}
