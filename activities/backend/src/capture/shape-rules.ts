/**
 * What comes out of an operation, from what goes in: a step is recorded without computing anything, so somebody has to
 * know the shapes. The table is closed: an operation that it lacks cannot be captured, and the error names it.
 */
import { DTYPE, type Attribute, type TensorFacts } from './graph.js';

export interface OpCall {
  readonly op: string;
  readonly inputs: readonly TensorFacts[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The elements of an int32 input; throws unless it is a constant. */
  readonly ints: (input: number) => readonly number[];
}

type Rule = (call: OpCall) => readonly TensorFacts[];
type Shape = readonly number[];

const size = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

function input({ op, inputs }: OpCall, index: number): TensorFacts {
  const facts = inputs[index];
  if (!facts) throw new RangeError(`${op}: input ${index} is missing`);
  return facts;
}

function attribute<K extends string>(call: OpCall, name: string, field: K): unknown {
  const value = call.attributes[name] as Readonly<Record<string, unknown>> | undefined;
  return value?.[field];
}

const flag = (call: OpCall, name: string): boolean => attribute(call, name, 'b') === true;

const at = (shape: Shape, axis: number): number => shape[axis < 0 ? axis + shape.length : axis] ?? 1;

/** The shape of two operands stretched to each other. */
function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (left !== right && left !== 1 && right !== 1)
      throw new RangeError(`${op}: shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    return left === 1 ? right : left;
  });
}

const like =
  (index = 0): Rule =>
  (call) => [input(call, index)];

const binary: Rule = (call) => [
  { dtype: input(call, 0).dtype, shape: broadcast(call.op, input(call, 0).shape, input(call, 1).shape) },
];

const comparison: Rule = (call) => [
  { dtype: DTYPE.bool, shape: broadcast(call.op, input(call, 0).shape, input(call, 1).shape) },
];

const predicate: Rule = (call) => [{ dtype: DTYPE.bool, shape: input(call, 0).shape }];

const reduction: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const axes = new Set(call.ints(1).map((axis) => (axis < 0 ? axis + shape.length : axis)));
  const keep = flag(call, 'keep_dims');
  return [{ dtype, shape: shape.flatMap((extent, axis) => (!axes.has(axis) ? [extent] : keep ? [1] : [])) }];
};

const argReduction: Rule = (call) => {
  const { shape } = input(call, 0);
  const [axis = 0] = call.ints(1);
  const dropped = axis < 0 ? axis + shape.length : axis;
  return [{ dtype: DTYPE.int32, shape: shape.filter((_, i) => i !== dropped) }];
};

const batchMatMul: Rule = (call) => {
  const [a, b] = [input(call, 0), input(call, 1)];
  const rows = at(a.shape, flag(call, 'adj_x') ? -1 : -2);
  const columns = at(b.shape, flag(call, 'adj_y') ? -2 : -1);
  return [
    {
      dtype: a.dtype,
      shape: [...broadcast(call.op, a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns],
    },
  ];
};

const reshape: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const wanted = call.ints(1);
  const known = wanted.reduce((product, extent) => (extent < 0 ? product : product * extent), 1);
  return [{ dtype, shape: wanted.map((extent) => (extent < 0 ? size(shape) / known : extent)) }];
};

const slice: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const begin = call.ints(1);
  const sizes = call.ints(2).map((n, axis) => (n < 0 ? at(shape, axis) - (begin[axis] ?? 0) : n));
  return [{ dtype, shape: sizes }];
};

const pad: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const pads = call.ints(1);
  return [
    { dtype, shape: shape.map((extent, axis) => extent + (pads[2 * axis] ?? 0) + (pads[2 * axis + 1] ?? 0)) },
  ];
};

const concat: Rule = (call) => {
  const parts = call.inputs.slice(0, -1);
  const { dtype, shape } = input(call, 0);
  const [given = 0] = call.ints(call.inputs.length - 1);
  const axis = given < 0 ? given + shape.length : given;
  const extent = parts.reduce((sum, part) => sum + at(part.shape, axis), 0);
  return [{ dtype, shape: shape.map((other, i) => (i === axis ? extent : other)) }];
};

const pack: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const given = Number(attribute(call, 'axis', 'i') ?? 0);
  const axis = given < 0 ? given + shape.length + 1 : given;
  return [{ dtype, shape: [...shape.slice(0, axis), call.inputs.length, ...shape.slice(axis)] }];
};

const unpack: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const given = Number(attribute(call, 'axis', 'i') ?? 0);
  const axis = given < 0 ? given + shape.length : given;
  const part = { dtype, shape: shape.filter((_, i) => i !== axis) };
  return Array.from({ length: at(shape, axis) }, () => part);
};

const split: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const [given = 0] = call.ints(2);
  const axis = given < 0 ? given + shape.length : given;
  return call
    .ints(1)
    .map((extent) => ({ dtype, shape: shape.map((other, i) => (i === axis ? extent : other)) }));
};

const transpose: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  return [{ dtype, shape: call.ints(1).map((axis) => at(shape, axis)) }];
};

const tile: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const multiples = call.ints(1);
  return [{ dtype, shape: shape.map((extent, axis) => extent * (multiples[axis] ?? 1)) }];
};

const expandDims: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const [given = 0] = call.ints(1);
  const axis = given < 0 ? given + shape.length + 1 : given;
  return [{ dtype, shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)] }];
};

const oneHot: Rule = (call) => {
  const [depth = 0] = call.ints(1);
  return [{ dtype: input(call, 2).dtype, shape: [...input(call, 0).shape, depth] }];
};

const cast: Rule = (call) => [
  { dtype: Number(attribute(call, 'DstT', 'type')), shape: input(call, 0).shape },
];

/** Elements of a smaller type make one of a larger along the last axis, or the other way round. */
const bitcast: Rule = (call) => {
  const { dtype, shape } = input(call, 0);
  const to = Number(attribute(call, 'type', 'type'));
  const widened = byteSize(to) / byteSize(dtype);
  if (widened === 1) return [{ dtype: to, shape }];
  return [{ dtype: to, shape: widened > 1 ? shape.slice(0, -1) : [...shape, 1 / widened] }];
};

const byteSize = (dtype: number): number => (dtype === DTYPE.uint64 ? 8 : 4);

const drawn: Rule = (call) => [{ dtype: Number(attribute(call, 'dtype', 'type')), shape: call.ints(0) }];

/** Channels last; a border of zeros that keeps the size over the stride (`SAME`), or none. */
const convolution: Rule = (call) => {
  const [{ dtype, shape }, kernel] = [input(call, 0), input(call, 1)];
  const strides = attribute(call, 'strides', 'ints') as readonly number[];
  const same = attribute(call, 'padding', 's') === 'SAME';
  const along = (axis: 1 | 2): number =>
    Math.ceil((at(shape, axis) - (same ? 0 : at(kernel.shape, axis - 1) - 1)) / (strides[axis] ?? 1));
  return [{ dtype, shape: [at(shape, 0), along(1), along(2), at(kernel.shape, 3)] }];
};

const named = (rule: Rule, ...ops: readonly string[]): Record<string, Rule> =>
  Object.fromEntries(ops.map((op) => [op, rule]));

const RULES: Readonly<Record<string, Rule>> = {
  ...named(
    like(),
    ...['Abs', 'AddN', 'Ceil', 'Cos', 'Cumsum', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'LeakyRelu', 'Log'],
    ...['Log1p', 'LogicalNot', 'Neg', 'OnesLike', 'Reciprocal', 'Relu', 'Relu6', 'ReverseV2', 'Round'],
    ...['Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Softmax', 'Softplus', 'Sqrt', 'Square', 'Tan', 'Tanh'],
    'ZerosLike',
  ),
  ...named(
    binary,
    ...['Add', 'Atan2', 'FloorDiv', 'FloorMod', 'Maximum', 'Minimum', 'Mul', 'Pow', 'RealDiv'],
    ...['SquaredDifference', 'Sub'],
  ),
  ...named(
    comparison,
    ...['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr', 'NotEqual'],
  ),
  ...named(predicate, 'IsFinite', 'IsInf', 'IsNan'),
  ...named(reduction, 'All', 'Any', 'Max', 'Mean', 'Min', 'Prod', 'Sum'),
  ...named(argReduction, 'ArgMax', 'ArgMin'),
  ...named(pad, 'MirrorPad', 'PadV2'),
  ...named(drawn, 'StatelessRandomNormalV2', 'StatelessRandomUniformFullIntV2'),
  BatchMatMulV2: batchMatMul,
  Bitcast: bitcast,
  Cast: cast,
  ConcatV2: concat,
  Conv2D: convolution,
  Conv2DBackpropFilter: (call) => [{ dtype: input(call, 0).dtype, shape: call.ints(1) }],
  Conv2DBackpropInput: (call) => [{ dtype: input(call, 2).dtype, shape: call.ints(0) }],
  ExpandDims: expandDims,
  Fill: (call) => [{ dtype: input(call, 1).dtype, shape: call.ints(0) }],
  OneHot: oneHot,
  Pack: pack,
  Reshape: reshape,
  // tfjs stretches the condition before: all three have one shape.
  Select: like(1),
  Slice: slice,
  SplitV: split,
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
};

/** The operations that can be captured. */
export const CAPTURED_OPERATIONS: readonly string[] = Object.keys(RULES);

/** The outputs of an operation; undefined when the table lacks it. @throws RangeError when the inputs do not fit */
export function inferOutputs(call: OpCall): readonly TensorFacts[] | undefined {
  return RULES[call.op]?.(call);
}

/**
 * Attributes that tfjs-node leaves out, because TensorFlow's eager mode takes them from the inputs; a graph needs them.
 */
export function impliedAttributes(op: string, inputs: readonly TensorFacts[]): Record<string, Attribute> {
  const typeOf = (index: number): Attribute => ({ type: inputs[index]?.dtype ?? DTYPE.float32 });
  return op === 'ExpandDims' ? { T: typeOf(0), Tdim: typeOf(1) } : {};
}
