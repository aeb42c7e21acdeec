/** Runs programs operation by operation: slower and with more memory than a graph, and every value can be looked at. */
import * as tf from '@tensorflow/tfjs-core';
import {
  checkInputs,
  checkNewState,
  entrySpec,
  type HostInputs,
  type Program,
  type ProgramExecutor,
  type RunningProgram,
} from './program.js';
import {
  checkHostTensor,
  disposeAll,
  toHost,
  toTensors,
  type HostTensor,
  type Parameters,
  type StateDict,
} from './state-dict.js';

class EagerProgram<F extends string> implements RunningProgram<F> {
  private state: Parameters = {};

  constructor(private readonly program: Program<F>) {}

  run(name: F, values: HostInputs): Record<string, HostTensor> {
    const { inputs: specs, compute } = this.program.functions[name];
    const where = `${this.program.name}.${name}`;
    checkInputs(where, specs, values);
    let outputs: Record<string, HostTensor> = {};
    const changed = tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(specs).map(([input, { shape, dtype }]) => [
          input,
          // A copy: what becomes state must not change when the caller changes its array.
          tf.tensor((values[input] as Float32Array).slice(), [...shape], dtype),
        ]),
      );
      const result = compute({ state: this.state, inputs });
      checkNewState(where, this.program.state, result.state ?? {});
      outputs = toHost(result.outputs);
      const replaced = Object.entries(result.state ?? {}).filter(
        ([entry, next]) => next !== this.state[entry],
      );
      return Object.fromEntries(replaced.map(([entry, next]) => [entry, tf.keep(next.clone())]));
    });
    this.replace(changed);
    return outputs;
  }

  readState(names: readonly string[] = Object.keys(this.program.state)): StateDict {
    return toHost(Object.fromEntries(names.map((name) => [name, this.entry(name)])));
  }

  writeState(values: StateDict): void {
    const checked = Object.entries(values).map(([name, host]) => {
      const spec = entrySpec(this.program, name);
      return [
        name,
        checkHostTensor({ ...spec, data: host.data }, `${this.program.name}, state '${name}'`),
      ] as const;
    });
    this.replace(toTensors(Object.fromEntries(checked)));
  }

  dispose(): void {
    disposeAll(this.state);
    this.state = {};
  }

  private entry(name: string): tf.Tensor {
    entrySpec(this.program, name);
    const tensor = this.state[name];
    if (tensor) return tensor;
    throw new RangeError(`${this.program.name}: state '${name}' was not written`);
  }

  private replace(next: Parameters): void {
    const before = this.state;
    this.state = { ...before, ...next };
    for (const name of Object.keys(next)) before[name]?.dispose();
  }
}

export const eagerExecutor: ProgramExecutor = { start: (program) => new EagerProgram(program) };
