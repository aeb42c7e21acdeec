import * as tf from '@tensorflow/tfjs-core';
import {
  eagerExecutor,
  normal,
  RANDOM_KERNELS,
  randomNormal,
  sizeOfShape,
  type HostInputs,
  type HostTensor,
  type Parameters,
  type Program,
  type ProgramFunction,
  type Specs,
  type TensorSpec,
} from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { graphExecutor } from './graph-executor.js';
import { DTYPE, factsOf } from './graph.js';
import type { NodeBackend } from './node-backend.js';
import { record } from './recorder.js';
import { CAPTURED_OPERATIONS, inferOutputs } from './shape-rules.js';

/** A call whose results come straight from the operation, and the inputs it is given. */
interface Case {
  readonly call: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly inputs: readonly TensorSpec[];
}

const f = (...shape: number[]): TensorSpec => ({ dtype: 'float32', shape });
const i = (...shape: number[]): TensorSpec => ({ dtype: 'int32', shape });
const given = (call: Case['call'], ...inputs: TensorSpec[]): Case => ({ call, inputs });

const unary = (call: (x: tf.Tensor) => tf.Tensor): Case[] => [given(call, f(2, 3)), given(call, f())];
const binary = (call: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  given(call, f(2, 3), f(2, 3)),
  given(call, f(2, 3), f()),
  given(call, f(3), f(2, 1)),
  given(call, f(), f(4, 1, 2)),
];
const alsoInts = (call: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  ...binary(call),
  given(call, i(2, 1), i(3)),
];
type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;
const reduction = (reduce: Reduce, of: (x: tf.Tensor) => tf.Tensor = (x) => x): Case[] => [
  given((x) => reduce(of(x)), f(2, 3)),
  given((x) => reduce(of(x), -1), f(2, 3, 4)),
  given((x) => reduce(of(x), [2], true), f(2, 3, 4)),
];
const isPositive = (x: tf.Tensor): tf.Tensor => tf.greater(x, 0);
const asInts = (x: tf.Tensor): tf.Tensor => {
  const { executeSingleOutput } = tf.backend() as unknown as {
    executeSingleOutput(op: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor;
  };
  const { TF_ATTR_TYPE: type } = (tf.backend() as unknown as NodeBackend).binding;
  const attributes = [
    { name: 'T', type, value: DTYPE.float32 },
    { name: 'type', type, value: DTYPE.int32 },
  ];
  return executeSingleOutput.call(tf.backend(), 'Bitcast', attributes, [x]);
};
const logical = (call: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] =>
  binary((a, b) => call(isPositive(a), isPositive(b)));

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Abs: unary(tf.abs),
  Add: alsoInts(tf.add),
  AddN: [given((a, b, c) => tf.addN([a, b, c] as tf.Tensor[]), f(2, 3), f(2, 3), f(2, 3))],
  All: reduction(tf.all, isPositive),
  Any: reduction(tf.any, isPositive),
  ArgMax: [given((x) => tf.argMax(x, 1), f(2, 3, 4)), given((x) => tf.argMax(x, -1), f(5))],
  ArgMin: [given((x) => tf.argMin(x, 0), f(2, 3, 4)), given((x) => tf.argMin(x, -1), i(2, 3))],
  Atan2: binary(tf.atan2),
  BatchMatMulV2: [
    given((a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), f(2, 3), f(3, 4)),
    given((a, b) => tf.matMul(a, b, true, false), f(5, 3, 2), f(5, 3, 4)),
    given((a, b) => tf.matMul(a, b, false, true), f(5, 2, 3), f(1, 4, 3)),
    given((a, b) => tf.matMul(a, b, true, true), f(3, 2), f(7, 4, 3)),
  ],
  Bitcast: unary(asInts),
  Cast: [
    given((x) => tf.cast(x, 'int32'), f(2, 3)),
    given((x) => tf.cast(x, 'float32'), i(2)),
    given((x) => tf.cast(isPositive(x), 'float32'), f(2)),
  ],
  Ceil: unary(tf.ceil),
  ConcatV2: [
    given((a, b) => tf.concat([a, b] as tf.Tensor[], 0), f(2, 3), f(4, 3)),
    given((a, b, c) => tf.concat([a, b, c] as tf.Tensor[], -1), i(2, 3), i(2, 1), i(2, 2)),
  ],
  Conv2D: [
    given((x, k) => tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, 'same'), f(2, 5, 4, 3), f(3, 3, 3, 2)),
    given((x, k) => tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 2, 'same'), f(1, 5, 4, 3), f(3, 3, 3, 2)),
    given((x, k) => tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 2, 'valid'), f(1, 5, 6, 3), f(3, 3, 3, 2)),
  ],
  Conv2DBackpropFilter: [
    given(
      (x, dy) =>
        tf
          .engine()
          .runKernel(
            'Conv2DBackpropFilter',
            { x, dy } as never,
            { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 3, 2] } as never,
          ) as tf.Tensor,
      f(2, 5, 4, 3),
      f(2, 5, 4, 2),
    ),
  ],
  Conv2DBackpropInput: [
    given(
      (dy, filter) =>
        tf
          .engine()
          .runKernel(
            'Conv2DBackpropInput',
            { dy, filter } as never,
            { strides: 2, pad: 'valid', dataFormat: 'NHWC', inputShape: [1, 5, 5, 3] } as never,
          ) as tf.Tensor,
      f(1, 2, 2, 2),
      f(3, 3, 3, 2),
    ),
  ],
  Cos: unary(tf.cos),
  Cumsum: [given((x) => tf.cumsum(x, 1, true), f(2, 3)), given((x) => tf.cumsum(x), i(4))],
  Elu: unary(tf.elu),
  Equal: alsoInts(tf.equal),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  ExpandDims: [given((x) => tf.expandDims(x, 1), f(2, 3)), given((x) => tf.expandDims(x, -1), i(2))],
  Expm1: unary(tf.expm1),
  Fill: [given(() => tf.fill([2, 3], 7)), given(() => tf.fill([4], 7, 'int32'))],
  Floor: unary(tf.floor),
  FloorDiv: [given(tf.floorDiv as Case['call'], i(2, 3), i(3))],
  FloorMod: alsoInts((a, b) => tf.mod(a, tf.add(tf.abs(b), tf.onesLike(b)))),
  Greater: alsoInts(tf.greater),
  GreaterEqual: alsoInts(tf.greaterEqual),
  IsFinite: unary(tf.isFinite),
  IsInf: unary(tf.isInf),
  IsNan: unary(tf.isNaN),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.1)),
  Less: alsoInts(tf.less),
  LessEqual: alsoInts(tf.lessEqual),
  Log: unary(tf.log),
  Log1p: unary(tf.log1p),
  LogicalAnd: logical(tf.logicalAnd),
  LogicalNot: unary((x) => tf.logicalNot(isPositive(x))),
  LogicalOr: logical(tf.logicalOr),
  Max: reduction(tf.max),
  Maximum: alsoInts(tf.maximum),
  Mean: reduction(tf.mean),
  Min: reduction(tf.min),
  Minimum: alsoInts(tf.minimum),
  MirrorPad: [
    given(
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [0, 2],
          ],
          'reflect',
        ),
      f(2, 3),
    ),
  ],
  Mul: alsoInts(tf.mul),
  Neg: unary(tf.neg),
  NotEqual: alsoInts(tf.notEqual),
  OneHot: [
    given((x) => tf.oneHot(x, 5), i(2, 3)),
    given((x) => tf.oneHot(x, 4, 1, 0, 'float32'), i(3)),
    given((x) => tf.oneHot(x, 4, 1, 0, 'bool'), i(3)),
  ],
  OnesLike: unary((x) => tf.onesLike(x)),
  Pack: [
    given((a, b) => tf.stack([a, b] as tf.Tensor[], 0), f(2, 3), f(2, 3)),
    given((a, b, c) => tf.stack([a, b, c] as tf.Tensor[], 1), i(2), i(2), i(2)),
  ],
  PadV2: [
    given(
      (x) =>
        tf.pad(
          x,
          [
            [0, 1],
            [2, 3],
          ],
          0.5,
        ),
      f(2, 3),
    ),
  ],
  Pow: binary((a, b) => tf.pow(tf.abs(a), b)),
  Prod: reduction(tf.prod),
  RealDiv: binary(tf.div),
  Reciprocal: unary(tf.reciprocal),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6),
  Reshape: [
    given((x) => tf.reshape(x, [3, 2]), f(2, 3)),
    given((x) => tf.reshape(x, [-1, 2, 1]), i(2, 6)),
    given((x) => tf.reshape(x, []), f(1, 1)),
  ],
  ReverseV2: [given((x) => tf.reverse(x, -1), f(2, 3))],
  Round: unary(tf.round),
  Rsqrt: unary(tf.rsqrt),
  Select: [
    given((a, b) => tf.where(isPositive(a), a as tf.Tensor, b as tf.Tensor), f(2, 3), f(2, 3)),
    given(
      (a, b) => tf.where(tf.greater(a as tf.Tensor, 1), b as tf.Tensor, tf.neg(b as tf.Tensor)),
      f(),
      f(2),
    ),
  ],
  Selu: unary(tf.selu),
  Sigmoid: unary(tf.sigmoid),
  Sign: unary(tf.sign),
  Sin: unary(tf.sin),
  Slice: [given((x) => tf.slice(x, [0, 1], [1, 2]), f(2, 3)), given((x) => tf.slice(x, [1], [-1]), i(4, 2))],
  Softmax: [given((x) => tf.softmax(x), f(2, 3))],
  Softplus: unary(tf.softplus),
  SplitV: [
    given((x) => tf.split(x as tf.Tensor, 2, -1), f(2, 6)),
    given((x) => tf.split(x as tf.Tensor, [1, 3], 0), f(4, 2)),
  ],
  Sqrt: unary(tf.sqrt),
  Square: unary(tf.square),
  StatelessRandomNormalV2: [
    given((stream) => randomNormal(stream as tf.Tensor1D, { shape: [2, 3] }), i(6)),
    given((stream) => randomNormal(stream as tf.Tensor1D, { shape: [], draw: 1 }), i(6)),
  ],
  StatelessRandomUniformFullIntV2: [
    given(
      (key, counter) =>
        tf.engine().runKernel(RANDOM_KERNELS.words, { key, counter } as tf.NamedTensorMap, { shape: [9] }),
      i(1, 2),
      i(2, 2),
    ),
  ],
  SquaredDifference: binary(tf.squaredDifference),
  Sub: alsoInts(tf.sub),
  Sum: [...reduction(tf.sum), given((x) => tf.sum(x, [0, 1]), i(2, 3, 4))],
  Tan: unary(tf.tan),
  Tanh: unary(tf.tanh),
  Tile: [given((x) => tf.tile(x, [2, 3]), f(2, 1))],
  Transpose: [given((x) => tf.transpose(x, [2, 0, 1]), f(2, 3, 4)), given((x) => tf.transpose(x), i(2, 3))],
  Unpack: [
    given((x) => tf.unstack(x as tf.Tensor, 1), f(2, 3)),
    given((x) => tf.unstack(x as tf.Tensor, -1), i(2, 1, 4)),
  ],
  ZerosLike: unary((x) => tf.zerosLike(x)),
};

const backend = tf.backend() as unknown as NodeBackend;

const inputSpecs = ({ inputs }: Case): Specs =>
  Object.fromEntries(inputs.map((spec, index) => [`${index}`, spec]));

const callOf =
  ({ call }: Case) =>
  (tensors: Parameters): Parameters => {
    const results = [call(...Object.values(tensors))].flat();
    return Object.fromEntries(results.map((tensor, index) => [`${index}`, tensor]));
  };

const valuesOf = ({ inputs }: Case): HostTensor[] =>
  inputs.map((spec, index) => {
    const drawn = normal({ seed: 1, purpose: 97, index }, sizeOfShape(spec.shape));
    const data = spec.dtype === 'int32' ? Int32Array.from(drawn, (x) => 1 + Math.abs(2 * x)) : drawn;
    return { ...spec, data };
  });

const hostInputs = (one: Case): HostInputs =>
  Object.fromEntries(valuesOf(one).map(({ data }, index) => [`${index}`, data]));

const everyCase = Object.entries(CASES).flatMap(([op, cases]) =>
  cases.map((one, index) => [`${op} ${index}`, op, one] as const),
);

describe('the table of shapes', () => {
  it('has a case here for each of its operations', () => {
    expect(Object.keys(CASES).sort()).toEqual([...CAPTURED_OPERATIONS].sort());
  });

  it.each(everyCase)('gives the types and shapes that TensorFlow gives: %s', (_title, op, one) => {
    const { results } = record(backend, inputSpecs(one), callOf(one));
    const inferred = Object.values(results).map((end) => {
      expect(end.node.op).toBe(op);
      return factsOf(end);
    });
    const computed = tf.tidy(() => {
      const tensors = valuesOf(one).map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype));
      return [one.call(...tensors)].flat().map(({ dataId, shape }) => {
        const { dtype } = backend.tensorMap.get(dataId);
        return { dtype, shape } as unknown as tf.TensorContainer;
      });
    });
    expect(inferred).toEqual(computed);
  });

  it('is one of operations that a graph computes as the eager runtime does', () => {
    const functions = everyCase.map(([title, , one]): [string, ProgramFunction] => [
      title.replace(' ', '_'),
      { inputs: inputSpecs(one), compute: ({ inputs }) => ({ outputs: callOf(one)(inputs) }) },
    ]);
    const program: Program = { name: 'operations', state: {}, functions: Object.fromEntries(functions) };
    const [graph, eager] = [graphExecutor().start(program), eagerExecutor.start(program)];
    for (const [title, , one] of everyCase) {
      const name = title.replace(' ', '_');
      const inputs = hostInputs(one);
      expect(graph.run(name, inputs), name).toEqual(eager.run(name, inputs));
    }
    graph.dispose();
    eager.dispose();
  });

  it('refuses operands that do not fit each other', () => {
    const facts = (...shape: number[]): { dtype: number; shape: number[] } => ({
      dtype: DTYPE.float32,
      shape,
    });
    const call = { op: 'Mul', inputs: [facts(2, 3), facts(2)], attributes: {}, ints: () => [] };
    expect(() => inferOutputs(call)).toThrow('Mul: shapes [2, 3] and [2] do not fit');
    expect(() => inferOutputs({ ...call, inputs: [] })).toThrow('Mul: input 0 is missing');
  });

  it('lacks what it does not know', () => {
    expect(inferOutputs({ op: 'Einsum', inputs: [], attributes: {}, ints: () => [] })).toBeUndefined();
  });
});
