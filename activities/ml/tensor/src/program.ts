/**
 * What a training loop hands to an executor: functions that share a state on the device. A function is pure; whatever
 * changes from call to call comes in through its inputs, so an executor may run it operation by operation or record it
 * once and run the recording.
 */
import { assertShape, formatShape, ShapeError } from './shape.js';
import { checkHostTensor, type HostTensor, type Parameters, type StateDict } from './state-dict.js';

export interface TensorSpec {
  readonly dtype: HostTensor['dtype'];
  readonly shape: readonly number[];
}

export type Specs = Readonly<Record<string, TensorSpec>>;

export interface ProgramFunction {
  readonly inputs: Specs;
  /** Must not read values, keep tensors, or use tensors from elsewhere. Runs inside a `tf.tidy`. */
  readonly compute: (call: { readonly state: Parameters; readonly inputs: Parameters }) => {
    /** Entries of the state that are replaced; the others stay. */
    readonly state?: Parameters;
    readonly outputs: Parameters;
  };
}

export interface Program<F extends string = string> {
  /** For errors and traces. */
  readonly name: string;
  /**
   * Whether its losses are scaled by who calls it. Others lose gradients below float16's range, so their products are computed in
   * float32 where those of this program may be in float16.
   */
  readonly scalesLoss?: true;
  readonly state: Specs;
  readonly functions: Readonly<Record<F, ProgramFunction>>;
}

/** Elements of the inputs of a call, in the order of their shapes. */
export type HostInputs = Readonly<Record<string, Float32Array | Int32Array>>;

/** A program with its state on the device. */
export interface RunningProgram<F extends string = string> {
  /** Calls a function: the state is updated, the outputs are copied to the host. */
  run(name: F, inputs: HostInputs): Readonly<Record<string, HostTensor>>;
  /** Copies of the entries of the state, of all or of those named. */
  readState(names?: readonly string[]): StateDict;
  /** Replaces entries of the state. Every entry must be written before it is first used. @throws ShapeError */
  writeState(values: StateDict): void;
  dispose(): void;
}

export interface ProgramExecutor {
  /** @throws if the program cannot be prepared; the message names the operation in the way */
  start<F extends string>(program: Program<F>): RunningProgram<F>;
}

/** @throws ShapeError when an input is missing, unknown or has another number of elements or another type */
export function checkInputs(where: string, specs: Specs, values: HostInputs): void {
  const stray = Object.keys(values).find((name) => !Object.hasOwn(specs, name));
  if (stray !== undefined)
    throw new ShapeError(
      `${where}, input '${stray}'`,
      `one of ${Object.keys(specs).join(', ')}`,
      'another name',
    );
  for (const [name, spec] of Object.entries(specs)) {
    const data = values[name];
    const input = `${where}, input '${name}'`;
    if (!data) throw new ShapeError(input, `shape ${formatShape(spec.shape)}`, 'none');
    checkHostTensor({ ...spec, data }, input);
  }
}

/** @throws RangeError when a function replaces an entry that the state lacks, ShapeError when its new value does not fit */
export function checkNewState(where: string, specs: Specs, state: Parameters): void {
  for (const [name, tensor] of Object.entries(state)) {
    const entry = `${where}, new state '${name}'`;
    const spec = specs[name];
    if (!spec) throw new RangeError(`${entry}: the state has no such entry`);
    assertShape(tensor, spec.shape, entry);
    if (tensor.dtype !== spec.dtype) throw new ShapeError(entry, spec.dtype, tensor.dtype);
  }
}

/** The specification of an entry of the state. @throws RangeError when the program has no such entry */
export function entrySpec({ name, state }: Pick<Program, 'name' | 'state'>, entry: string): TensorSpec {
  const spec = Object.hasOwn(state, entry) ? state[entry] : undefined;
  if (spec) return spec;
  throw new RangeError(`${name}: expected an entry of the state, got '${entry}'`);
}

/** The values with zeros behind them, `length` in all: a function takes one size of batch, and the last may be shorter. */
export function padTo<T extends Float32Array | Int32Array>(values: T, length: number): T {
  if (values.length === length) return values;
  const padded = new (values.constructor as new (size: number) => T)(length);
  padded.set(values);
  return padded;
}
