import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '@vitrine/ml-tensor';
import { accumulatingProgram, trainingProgram } from '@vitrine/ml-training';
import { smallOptions } from '@vitrine/ml-training/testing';
import { describe, expect, it } from 'vitest';
import { DTYPE, factsOf, inOrder, type Endpoint, type GraphNode } from './graph.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction } from './record-function.js';

const backend = tf.backend() as unknown as NodeBackend;
const program = trainingProgram(smallOptions);
type Precision = Parameters<typeof recordFunction>[2]['precision'];

function nodesOf(name: keyof typeof program.functions, precision: Precision): GraphNode[] {
  const definition = program.functions[name];
  const { newState, outputs } = recordFunction(backend, { program, name, definition }, { precision });
  return inOrder([...Object.values(newState), ...Object.values(outputs)]);
}

const named = (nodes: readonly GraphNode[], op: string): GraphNode[] =>
  nodes.filter((node) => node.op === op);
const toBfloat16 = ({ op, outputs }: GraphNode): boolean =>
  op === 'Cast' && outputs[0]?.dtype === DTYPE.bfloat16;

describe.each(['learn', 'learnWithNoise', 'predict'] as const)(
  'matrix products in bfloat16, in %s',
  (name) => {
    const nodes = nodesOf(name, 'bfloat16');
    const products = named(nodes, 'BatchMatMulV2');

    it('are all the products there are, from cast operands and cast back', () => {
      expect(products).toHaveLength(named(nodesOf(name, 'float32'), 'BatchMatMulV2').length);
      for (const product of products) {
        expect(product.outputs[0]?.dtype).toBe(DTYPE.bfloat16);
        expect(product.attributes['T']).toEqual({ type: DTYPE.bfloat16 });
        expect(product.inputs.every(({ node }) => toBfloat16(node))).toBe(true);
      }
      const others = nodes.filter((node) => node.op !== 'BatchMatMulV2');
      const readsHalf = others.filter((node) =>
        node.inputs.some((end) => factsOf(end).dtype === DTYPE.bfloat16),
      );
      expect(readsHalf).toHaveLength(products.length);
      for (const { op, outputs } of readsHalf)
        expect([op, outputs[0]?.dtype]).toEqual(['Cast', DTYPE.float32]);
    });

    it('cast each tensor once, however many products read it', () => {
      const cast = nodes.filter(toBfloat16).map(({ inputs }) => inputs[0] as Endpoint);
      const number = new Map(nodes.map((node, index) => [node, index]));
      const sources = cast.map(({ node, output }) => `${number.get(node)}:${output}`);
      expect(new Set(sources).size).toBe(sources.length);
      expect(sources.length).toBeLessThanOrEqual(2 * products.length);
    });
  },
);

describe('matrix products in float16', () => {
  const dtypesOf = (scaled: Program<'accumulate'>): (number | undefined)[] => {
    const definition = scaled.functions.accumulate;
    const { newState } = recordFunction(
      backend,
      { program: scaled, name: 'accumulate', definition },
      { precision: 'float16' },
    );
    const products = named(inOrder(Object.values(newState)), 'BatchMatMulV2');
    expect(products.length).toBeGreaterThan(20);
    return [...new Set(products.map(({ outputs }) => outputs[0]?.dtype))];
  };

  it('are those of a program whose loss is scaled', () => {
    const scaled = accumulatingProgram(smallOptions);
    expect(dtypesOf(scaled)).toEqual([DTYPE.float16]);
    const { scalesLoss: _, ...plain } = scaled;
    expect(dtypesOf(plain)).toEqual([DTYPE.float32]);
  });

  it('are of no other program', () => {
    const types = nodesOf('learn', 'float16').map(({ outputs }) => outputs[0]?.dtype);
    expect(types).not.toContain(DTYPE.float16);
  });
});
