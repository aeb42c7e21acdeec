/** Runs programs as TensorFlow graphs: each function is recorded once, and a call is one run of a session. */
import * as tf from '@tensorflow/tfjs-core';
import {
  checkHostTensor,
  checkInputs,
  entrySpec,
  type HostInputs,
  type HostTensor,
  type Program,
  type ProgramExecutor,
  type ProgramFunction,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { CaptureError } from './capture-error.js';
import { lowerProgram, type LoweredProgram } from './lower.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction, type GraphOptions } from './record-function.js';
import { GraphSession } from './session.js';

class GraphProgram<F extends string> implements RunningProgram<F> {
  private readonly session: GraphSession;
  private readonly graph: LoweredProgram;

  constructor(
    backend: NodeBackend,
    private readonly program: Program<F>,
    options: GraphOptions,
  ) {
    const functions = Object.entries<ProgramFunction>(program.functions).map(([name, definition]) => {
      try {
        return [name, recordFunction(backend, { program, name, definition }, options)] as const;
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        throw new CaptureError(error.problem, `${program.name}.${name}, ${error.where}`, { cause: error });
      }
    });
    this.graph = lowerProgram(program.state, Object.fromEntries(functions));
    this.session = new GraphSession(backend.binding, this.graph.nodes);
  }

  run(name: F, inputs: HostInputs): Record<string, HostTensor> {
    const specs = this.program.functions[name].inputs;
    checkInputs(`${this.program.name}.${name}`, specs, inputs);
    const { feeds, fetches, done } = this.graph.functions[name] as LoweredProgram['functions'][string];
    const fed = Object.entries(specs).map(([input, spec]) => ({
      ...spec,
      to: feeds[input] as string,
      values: inputs[input] as Float32Array,
    }));
    const values = this.session.run(fed, [...Object.values(fetches), done]);
    return Object.fromEntries(
      Object.keys(fetches).map((output, index) => [output, values[index] as HostTensor]),
    );
  }

  readState(names: readonly string[] = Object.keys(this.program.state)): StateDict {
    if (names.length === 0) return {};
    const values = this.session.run(
      [],
      names.map((name) => this.graph.reads[this.entry(name)] as string),
    );
    return Object.fromEntries(names.map((name, index) => [name, values[index] as HostTensor]));
  }

  writeState(values: StateDict): void {
    const entries = Object.entries(values);
    if (entries.length === 0) return;
    const feeds = entries.map(([name, host]) => {
      const spec = entrySpec(this.program, name);
      const { data } = checkHostTensor({ ...spec, data: host.data }, `${this.program.name}, state '${name}'`);
      return { ...spec, to: (this.graph.writes[name] as { feed: string }).feed, values: data };
    });
    this.session.run(
      feeds,
      entries.map(([name]) => (this.graph.writes[name] as { done: string }).done),
    );
  }

  dispose(): void {
    this.session.close();
  }

  private entry(name: string): string {
    entrySpec(this.program, name);
    return name;
  }
}

/** Programs as graphs on the backend that this process has loaded. */
export function graphExecutor(
  backend: NodeBackend = tf.backend() as unknown as NodeBackend,
  options: GraphOptions = { precision: 'float32' },
): ProgramExecutor {
  return { start: (program) => new GraphProgram(backend, program, options) };
}
