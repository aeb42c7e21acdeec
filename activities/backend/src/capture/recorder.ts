/**
 * Records what a function computes without computing it. Every kernel of tfjs-node goes through `executeOp` of its
 * binding; while a function is recorded, that notes the operation, takes the shapes of its outputs from a table, and hands
 * out tensors that have an id but no memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameters, TensorSpec } from '@vitrine/ml-tensor';
import { CaptureError } from './capture-error.js';
import {
  AFTER,
  constant,
  constantBytes,
  DTYPE,
  factsOf,
  inOrder,
  single,
  type Attribute,
  type Endpoint,
  type GraphNode,
} from './graph.js';
import type { Binding, BoundAttribute, BoundTensor, NodeBackend } from './node-backend.js';
import { impliedAttributes, inferOutputs } from './shape-rules.js';

/** Ids of recorded tensors count down from here; tfjs-node takes a negative id for a tensor without memory. */
const FIRST_ID = -2;

export interface Recorded {
  readonly inputs: Readonly<Record<string, Endpoint>>;
  readonly results: Readonly<Record<string, Endpoint>>;
}

/**
 * Runs `compute` once on tensors without values.
 * @throws CaptureError naming the operation that cannot be recorded, or the tensor that came from elsewhere
 */
export function record(
  backend: NodeBackend,
  inputs: Readonly<Record<string, TensorSpec>>,
  compute: (inputs: Parameters) => Parameters,
): Recorded {
  const recorder = new Recorder(backend);
  return recorder.during(() => {
    const entries = Object.entries(inputs).map(([name, spec]) => [name, placeholder(name, spec)] as const);
    const tensors = entries.map(([name, endpoint]) => [name, recorder.tensorOf(endpoint)] as const);
    const results = compute(Object.fromEntries(tensors));
    const ends = Object.entries(results).map(
      ([name, tensor]) => [name, recorder.endpointOf(tensor)] as const,
    );
    return { inputs: Object.fromEntries(entries), results: Object.fromEntries(ends) };
  });
}

function placeholder(name: string, { dtype, shape }: TensorSpec): Endpoint {
  const facts = { dtype: DTYPE[dtype], shape };
  return single('Placeholder', [], {
    ...facts,
    attributes: { dtype: { type: facts.dtype }, shape: { shape }, [INPUT]: { s: name } },
  });
}

/** Attribute that holds the name of an input while a graph is worked on; it is not written to TensorFlow. */
export const INPUT = '_input';

class Recorder {
  private readonly endpoints = new Map<number, Endpoint>();
  /** Tensors with values that the function itself made. */
  private readonly constants = new WeakMap<object, number>();
  private readonly made = new WeakSet<object>();
  private refusal: CaptureError | undefined;
  private nextId = FIRST_ID;

  constructor(private readonly backend: NodeBackend) {}

  /** Takes the place of the backend's native half for as long as `work` runs; every tensor made in it is gone after. */
  during<T>(work: () => T): T {
    const { backend } = this;
    const { binding } = backend;
    const engine = tf.engine();
    const move = backend.move.bind(backend);
    const kept: tf.Tensor[] = [];
    let result: { readonly value: T } | undefined;
    backend.binding = this.recordingBinding(binding);
    backend.getInputTensorIds = (tensors) => tensors.map((tensor) => this.idOf(tensor));
    backend.recordAfter = (x, dependency) => this.after(x, dependency);
    const refuseRead = (): CaptureError =>
      (this.refusal = new CaptureError('a value is read', 'dataSync, data or array of a tensor'));
    backend.readSync = () => {
      throw refuseRead();
    };
    // Whoever waits for it waits in vain; a promise that fails would have nobody to see it.
    backend.read = () => {
      refuseRead();
      return new Promise<never>(() => undefined);
    };
    // What is kept outlives every scope: the function's own, and what a gradient was computing when it threw.
    engine.keep = (tensor) => {
      kept.push(tensor);
      return Object.assign(tensor, { kept: true });
    };
    backend.move = (dataId, ...rest) => {
      this.made.add(dataId);
      move(dataId, ...rest);
    };
    try {
      tf.tidy(() => {
        result = { value: work() };
      });
    } finally {
      // The prototype's own methods show again.
      for (const name of ['getInputTensorIds', 'recordAfter', 'readSync', 'read', 'move'] as const)
        Reflect.deleteProperty(backend, name);
      Reflect.deleteProperty(engine, 'keep');
      kept.forEach((tensor) => tensor.dispose());
      backend.binding = binding;
    }
    if (this.refusal) throw this.refusal;
    if (!result) throw new CaptureError('nothing was recorded', 'the function');
    return result.value;
  }

  tensorOf(endpoint: Endpoint): tf.Tensor {
    return this.backend.createOutputTensor({ id: this.register(endpoint), ...factsOf(endpoint) });
  }

  endpointOf(tensor: tf.TensorInfo): Endpoint {
    return this.endpoint(this.idOf(tensor));
  }

  private register(endpoint: Endpoint): number {
    const id = this.nextId--;
    this.endpoints.set(id, endpoint);
    return id;
  }

  private endpoint(id: number): Endpoint {
    const endpoint = this.endpoints.get(id);
    if (endpoint) return endpoint;
    throw new CaptureError('a tensor comes from outside the function', `tensor ${id}`);
  }

  private idOf({ dataId, shape, dtype }: tf.TensorInfo): number {
    const known = this.constants.get(dataId);
    if (known !== undefined) return known;
    const stored = this.backend.tensorMap.get(dataId);
    if (stored.values === null && this.endpoints.has(stored.id)) return stored.id;
    if (stored.values === null || !this.made.has(dataId))
      throw new CaptureError(
        'a tensor comes from outside the function',
        `a ${dtype} tensor [${shape.join(', ')}]`,
      );
    const { values } = stored;
    const facts = { dtype: stored.dtype, shape: stored.shape };
    const id = this.register(constant(facts, bytesOf(stored.dtype, values)));
    this.constants.set(dataId, id);
    return id;
  }

  private after(x: tf.TensorInfo, dependency: tf.TensorInfo): tf.Tensor {
    const value = this.endpointOf(x);
    return this.tensorOf(
      single(AFTER, [value, this.endpointOf(dependency)], { ...factsOf(value), attributes: {} }),
    );
  }

  private recordingBinding(binding: Binding): Binding {
    const executeOp: Binding['executeOp'] = (...[op, attributes, ids, count]) =>
      this.execute(binding, { op, attributes, inputs: ids.map((id) => this.endpoint(id)), count });
    const createTensor = (): never => {
      throw new CaptureError('a tensor is made past the backend', 'createTensor');
    };
    // The binding is a native object whose properties cannot be written.
    return Object.create(binding, {
      executeOp: { value: executeOp },
      createTensor: { value: createTensor },
    }) as Binding;
  }

  private execute(
    binding: Binding,
    call: {
      readonly op: string;
      readonly attributes: readonly BoundAttribute[];
      readonly inputs: readonly Endpoint[];
      readonly count: number;
    },
  ): BoundTensor[] {
    const { op, inputs, count } = call;
    const facts = inputs.map(factsOf);
    const given = call.attributes.map((bound) => [bound.name, attributeOf(binding, op, bound)] as const);
    const attributes = { ...impliedAttributes(op, facts), ...Object.fromEntries(given) };
    const ints = (index: number): readonly number[] => constantInts(op, inputs, index);
    const outputs = inferOutputs({ op, attributes, inputs: facts, ints });
    if (outputs?.length !== count)
      throw new CaptureError(
        outputs
          ? `${count} outputs are asked for, and ${outputs.length} are known`
          : 'no rule gives its shapes',
        `operation ${op}`,
      );
    const node = { op, attributes, inputs, outputs };
    refuseFrozenDraw(node);
    return outputs.map((output, index) => ({ id: this.register({ node, output: index }), ...output }));
  }
}

/** A draw whose stream is a constant gives the same numbers at every call, whatever the function looks like. */
function refuseFrozenDraw({ op, inputs }: GraphNode): void {
  if (!op.startsWith('StatelessRandom') || inOrder(inputs).some((node) => node.op === 'Placeholder')) return;
  throw new CaptureError(
    'its stream is a constant, so it would draw the same numbers at every call',
    `operation ${op}`,
  );
}

function constantInts(op: string, inputs: readonly Endpoint[], index: number): readonly number[] {
  const endpoint = inputs[index];
  const bytes = endpoint && constantBytes(endpoint);
  if (!bytes)
    throw new CaptureError(`its input ${index} decides a shape and is no constant`, `operation ${op}`);
  return [...new Int32Array(bytes.slice().buffer)];
}

function attributeOf(binding: Binding, op: string, { name, type, value }: BoundAttribute): Attribute {
  const list = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_STRING:
      return list ? { strings: value as string[] } : { s: value as string };
    case binding.TF_ATTR_INT:
      return list ? { ints: value as number[] } : { i: value as number };
    case binding.TF_ATTR_FLOAT:
      return { f: value as number };
    case binding.TF_ATTR_BOOL:
      return { b: value as boolean };
    case binding.TF_ATTR_TYPE:
      return list ? { types: value as number[] } : { type: value as number };
    case binding.TF_ATTR_SHAPE:
      return { shape: value as number[] };
    default:
      throw new CaptureError(`its attribute ${name} has an unknown type ${type}`, `operation ${op}`);
  }
}

/** The elements as TensorFlow stores them. */
function bytesOf(dtype: number, values: ArrayBufferView | readonly number[]): Uint8Array {
  const array = ArrayBuffer.isView(values) ? values : typedArray(dtype, values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
}

function typedArray(dtype: number, values: readonly number[]): ArrayBufferView {
  if (dtype === DTYPE.float32) return Float32Array.from(values);
  return dtype === DTYPE.int32 ? Int32Array.from(values) : Uint8Array.from(values);
}
