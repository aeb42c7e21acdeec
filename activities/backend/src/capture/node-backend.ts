/** The parts of tfjs-node's backend that are used here, and nothing else of it (version 4.22.0, pinned). */
import type * as tf from '@tensorflow/tfjs-core';

/** An attribute as tfjs-node hands it to TensorFlow. */
export interface BoundAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export interface BoundTensor {
  readonly id: number;
  readonly dtype: number;
  readonly shape: readonly number[];
}

export interface Binding {
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  executeOp(
    op: string,
    attributes: readonly BoundAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): BoundTensor[];
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  /** Names are separated by commas, each `node:output`. */
  runSavedModel(
    session: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): BoundTensor[];
}

/** What the backend keeps of a tensor; values are there until an operation first uses them. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: ArrayBufferView | readonly number[] | null;
  readonly id: number;
}

export interface NodeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: object): StoredTensor };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  incRef(dataId: object): void;
  /** There while a function is recorded. */
  recordAfter?: (x: tf.TensorInfo, dependency: tf.TensorInfo) => tf.TensorInfo;
  createOutputTensor(tensor: BoundTensor): tf.Tensor;
  readSync(dataId: object): unknown;
  read(dataId: object): Promise<unknown>;
  move(dataId: object, values: unknown, shape: number[], dtype: string, refCount: number): void;
}

export const isNodeBackend = (backend: unknown): backend is NodeBackend =>
  typeof backend === 'object' && backend !== null && 'binding' in backend && 'isUsingGpuDevice' in backend;
