import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { lowerProgram } from './lower.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction } from './record-function.js';

const backend = tf.backend() as unknown as NodeBackend;
const spec = { dtype: 'float32', shape: [2] } as const;

const example: Program = {
  name: 'example',
  state: { 'params/a, b:0': spec, kept: spec },
  functions: {
    add: {
      inputs: { x: spec, unused: spec },
      compute: ({ state, inputs: { x } }) => {
        const sum = tf.add(state['params/a, b:0'] as tf.Tensor, x as tf.Tensor);
        return { state: { 'params/a, b:0': sum, kept: state['kept'] as tf.Tensor }, outputs: { sum } };
      },
    },
    double: {
      inputs: { x: spec },
      compute: ({ inputs: { x } }) => ({ outputs: { y: tf.add(x as tf.Tensor, x as tf.Tensor) } }),
    },
  },
};

const lowered = lowerProgram(
  example.state,
  Object.fromEntries(
    Object.entries(example.functions).map(([name, definition]) => [
      name,
      recordFunction(backend, { program: example, name, definition }, { precision: 'float32' }),
    ]),
  ),
);

describe('the graph of a program', () => {
  const { nodes, functions } = lowered;
  const byName = new Map(nodes.map((node) => [node.name, node]));

  it('gives every node a name of its own, and takes only nodes that are there', () => {
    expect(byName.size).toBe(nodes.length);
    const referred = nodes.flatMap(({ input = [] }) => input.map((end) => end.replace(/^\^|:\d+$/g, '')));
    expect(referred.filter((name) => !byName.has(name))).toEqual([]);
  });

  it('has addresses without the characters that separate them, whatever entries are called', () => {
    const { reads, writes } = lowered;
    const all = [
      ...Object.values(functions).flatMap(({ feeds, fetches, done }) => [
        ...Object.values(feeds),
        ...Object.values(fetches),
        done,
      ]),
      ...Object.values(reads),
      ...Object.values(writes).flatMap(({ feed, done }) => [feed, done]),
    ];
    for (const address of all) expect(address).toMatch(/^[\w/]+:0$/);
  });

  it('assigns what a function changes, from a copy and after the old value is read', () => {
    const assigned = nodes.filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('add/'));
    expect(assigned).toHaveLength(1);
    const [handle, value = '', after] = assigned[0]?.input ?? [];
    expect(byName.get(value)?.op).toBe('DeepCopy');
    expect(byName.get((after ?? '').slice(1))).toMatchObject({ op: 'ReadVariableOp', input: [handle] });
    expect(byName.get('add/done')?.input).toEqual([`^${assigned[0]?.name}`]);
  });

  it('leaves the state alone in a function that changes none', () => {
    expect(byName.get('double/done')?.input).toEqual([]);
    expect(functions['double']?.feeds).toEqual({ x: 'double/input_0:0' });
  });
});
