import { DTYPE, type Attribute, type Feed, type NodeDef } from '@vitrine/backend/graph-session';
import { sizeOfShape } from '@vitrine/ml-tensor';

export const FLOAT: Attribute = { type: DTYPE.float32 };
const INT: Attribute = { type: DTYPE.int32 };

/** A graph that grows node by node; a value is known by the name of its node. */
export class GraphDraft {
  readonly nodes: NodeDef[] = [];
  readonly feeds: Feed[] = [];

  /** Numbers between −1 and 1, others for every input. */
  input(shape: readonly number[]): string {
    const shift = this.feeds.length;
    const name = this.op('Placeholder', [], { dtype: FLOAT, shape: { shape } });
    const values = Float32Array.from({ length: sizeOfShape(shape) }, (_, i) => Math.sin(0.37 * i + shift));
    this.feeds.push({ to: `${name}:0`, dtype: 'float32', shape, values });
    return name;
  }

  op(op: string, input: readonly string[], attr: Readonly<Record<string, Attribute>> = { T: FLOAT }): string {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  number(value: number): string {
    return this.#constant([], Float32Array.of(value));
  }

  ints(...values: readonly number[]): string {
    return this.#constant([values.length], Int32Array.from(values));
  }

  /** A column of ones behind the others. */
  padOnes(x: string): string {
    const paddings = this.#constant([2, 2], Int32Array.of(0, 0, 0, 1));
    return this.op('PadV2', [x, paddings, this.number(1)], { T: FLOAT, Tpaddings: INT });
  }

  /** Side by side. */
  join(left: string, right: string): string {
    const axis = this.#constant([], Int32Array.of(1));
    return this.op('ConcatV2', [left, right, axis], { T: FLOAT, N: { i: 2 }, Tidx: INT });
  }

  /** Over an axis that stays, with one element. */
  reduce(op: 'Sum' | 'Max', x: string, axis: number): string {
    return this.op(op, [x, this.ints(axis)], { T: FLOAT, Tidx: INT, keep_dims: { b: true } });
  }

  reshape(x: string, ...shape: readonly number[]): string {
    return this.op('Reshape', [x, this.ints(...shape)], { T: FLOAT, Tshape: INT });
  }

  transpose(x: string): string {
    return this.op('Transpose', [x, this.ints(1, 0)], { T: FLOAT, Tperm: INT });
  }

  product(a: string, b: string, turned: { readonly a?: true; readonly b?: true } = {}): string {
    return this.op('BatchMatMulV2', [a, b], {
      ...{ T: FLOAT, adj_x: { b: turned.a ?? false }, adj_y: { b: turned.b ?? false } },
    });
  }

  /** x Wᵀ + b in the form that TensorFlow's optimizer makes one kernel of. */
  biased(x: string, weight: string, bias: string): string {
    const product = this.op('MatMul', [x, weight], {
      T: FLOAT,
      transpose_a: { b: false },
      transpose_b: { b: true },
    });
    return this.op('BiasAdd', [product, bias], { T: FLOAT, data_format: { s: 'NHWC' } });
  }

  /** The first rows of a matrix. */
  rows(x: string, count: number): string {
    return this.op('Slice', [x, this.ints(0, 0), this.ints(count, -1)], { T: FLOAT, Index: INT });
  }

  /** The address of the first elements of a value. */
  firstOf(x: string, count: number): string {
    const flat = this.reshape(x, -1);
    const sliced = this.op('Slice', [flat, this.ints(0), this.ints(count)], { T: FLOAT, Index: INT });
    return `${sliced}:0`;
  }

  #constant(shape: readonly number[], values: Float32Array | Int32Array): string {
    const dtype = values instanceof Float32Array ? DTYPE.float32 : DTYPE.int32;
    const content = new Uint8Array(values.buffer);
    return this.op('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, content } } });
  }
}
