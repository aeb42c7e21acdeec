import * as tf from '@tensorflow/tfjs-core';
import { formatShape, ShapeError } from './shape.js';

/** An array in host memory, row major. */
export interface HostTensor {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Named arrays in host memory: what checkpoints and weight files hold. */
export type StateDict = Readonly<Record<string, HostTensor>>;

/** The same on the device. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOfShape = (shape: readonly number[]): number =>
  shape.reduce((size, extent) => size * extent, 1);

/**
 * A host array whose data fit its shape and type.
 * @throws ShapeError if the number of elements or the array type does not fit
 */
export function checkHostTensor(tensor: HostTensor, name: string): HostTensor {
  const expected = sizeOfShape(tensor.shape);
  if (tensor.data.length !== expected)
    throw new ShapeError(
      name,
      `${expected} elements for shape ${formatShape(tensor.shape)}`,
      `${tensor.data.length}`,
    );
  const holds = tensor.data instanceof Float32Array ? 'float32' : 'int32';
  if (holds !== tensor.dtype) throw new ShapeError(name, `${tensor.dtype} data`, holds);
  return tensor;
}

/** Device copies, owned by the caller, not by an enclosing `tf.tidy`. @throws ShapeError */
export function toTensors(state: StateDict): Parameters {
  for (const [name, host] of Object.entries(state)) checkHostTensor(host, name);
  return Object.fromEntries(
    Object.entries(state).map(([name, { data, shape, dtype }]) => {
      // TensorFlow reads the data at the first use: a private copy makes later writes to `data` harmless.
      return [name, tf.keep(tf.tensor(data.slice(), [...shape], dtype))];
    }),
  );
}

/** Host copies; waits for the device. */
export function toHost(params: Parameters): StateDict {
  return Object.fromEntries(
    Object.entries(params).map(([name, tensor]) => {
      const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
      const values = tensor.dataSync();
      const data = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
      return [name, { dtype, shape: [...tensor.shape], data }];
    }),
  );
}

/** Types and shapes without the data. */
export function specsOf(state: StateDict): Record<string, Omit<HostTensor, 'data'>> {
  return Object.fromEntries(
    Object.entries(state).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
  );
}

/** Frees every tensor; the record must not be used any more. */
export function disposeAll(params: Parameters): void {
  for (const tensor of Object.values(params)) tensor.dispose();
}
