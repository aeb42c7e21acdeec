import { describe, expect, it } from 'vitest';
import { deduplicate, nodeKeys } from './deduplicate.js';
import { constant, DTYPE, inOrder, single, type Endpoint, type GraphNode } from './graph.js';

const facts = { dtype: DTYPE.float32, shape: [2] } as const;
const placeholder = (name: string): Endpoint =>
  single('Placeholder', [], { ...facts, attributes: { name: { s: name } } });
const number = (value: number): Endpoint =>
  constant(facts, new Uint8Array(Float32Array.of(value, value).buffer));
const node = (op: string, ...inputs: Endpoint[]): Endpoint =>
  single(op, inputs, { ...facts, attributes: {} });
const sizeOf = (ends: Readonly<Record<string, Endpoint>>): number => inOrder(Object.values(ends)).length;

describe('merging equal operations', () => {
  it('makes two equal computations one, through all that leads to them', () => {
    const x = placeholder('x');
    const twice = (): Endpoint => node('Sqrt', node('Mul', x, number(3)));
    const { a, b } = deduplicate({ a: twice(), b: twice() });
    expect(a).toEqual(b);
    expect(a?.node).toBe(b?.node);
    expect(sizeOf({ a: a as Endpoint, b: b as Endpoint })).toBe(4);
  });

  it('keeps apart what differs in an operation, an attribute, a constant, an input or its order', () => {
    const [x, y] = [placeholder('x'), placeholder('y')];
    const results = {
      mul: node('Mul', x, y),
      turned: node('Mul', y, x),
      add: node('Add', x, y),
      three: node('Mul', x, number(3)),
      four: node('Mul', x, number(4)),
      attribute: single('Mul', [x, y], { ...facts, attributes: { T: { type: 1 } } }),
    };
    expect(sizeOf(deduplicate(results))).toBe(sizeOf(results));
  });

  it('keeps the outputs of one node apart', () => {
    const split: GraphNode = {
      op: 'Unpack',
      attributes: {},
      inputs: [placeholder('x')],
      outputs: [facts, facts],
    };
    const part = (output: number): Endpoint => node('Neg', { node: split, output });
    const { a, b, c } = deduplicate({ a: part(0), b: part(1), c: part(0) });
    expect(a?.node).not.toBe(b?.node);
    expect(a?.node).toBe(c?.node);
  });
});

describe('the keys of a graph', () => {
  const x = placeholder('x');
  const graph = (factor: number, swapped = false): Record<string, Endpoint> => {
    const [a, b] = [node('Mul', x, number(factor)), node('Neg', x)];
    return swapped ? { b, a } : { a, b };
  };

  it('are equal for equal graphs, and say which operation differs', () => {
    expect(nodeKeys(graph(2))).toEqual(nodeKeys(graph(2)));
    const [before, after] = [nodeKeys(graph(2)), nodeKeys(graph(3))];
    const changed = before.filter(({ key }, index) => key !== after[index]?.key);
    expect(changed.map(({ what }) => what)).toEqual(['operation Mul']);
  });

  it('say which result is which', () => {
    const { a, b } = graph(2) as { a: Endpoint; b: Endpoint };
    const other = nodeKeys({ a, b, c: a }).at(-1);
    expect(nodeKeys({ a, b, c: b }).at(-1)).not.toEqual(other);
    expect(other?.what).toBe('the results');
  });
});
