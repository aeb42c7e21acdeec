import * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES, adamwRates, adamwStep } from '@vitrine/ml-optim';
import golden from '@vitrine/ml-optim/adamw.golden.json' with { type: 'json' };
import {
  addPrefix,
  eagerExecutor,
  takePrefix,
  type Parameters,
  type Program,
  type ProgramExecutor,
  type ProgramFunction,
  type Specs,
  type StateDict,
} from '@vitrine/ml-tensor';
import { trainingProgram } from '@vitrine/ml-training';
import { smallOptions } from '@vitrine/ml-training/testing';
import { describe, expect, it } from 'vitest';
import { graphExecutor } from './graph-executor.js';
import { lowerProgram, type LoweredProgram } from './lower.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction } from './record-function.js';

const backend = tf.backend() as unknown as NodeBackend;

function lower(program: Program): LoweredProgram {
  const functions = Object.entries(program.functions).map(([name, definition]) => [
    name,
    recordFunction(backend, { program, name, definition }, { precision: 'float32' }),
  ]);
  return lowerProgram(program.state, Object.fromEntries(functions));
}

const count = ({ nodes }: LoweredProgram, functionName: string, op: string): number =>
  nodes.filter((node) => node.op === op && node.name.startsWith(`${functionName}/`)).length;

describe('the fused update of the training program', () => {
  it.each(['learn', 'learnWithNoise'])(
    'takes every parameter of %s, and nothing is left to assign',
    (name) => {
      const program = trainingProgram(smallOptions);
      const parameters = Object.keys(program.state).length / 3;
      const graph = lower(program);
      expect(count(graph, name, 'ResourceApplyAdam')).toBe(parameters);
      expect(count(graph, name, 'AssignVariableOp')).toBe(0);
      // Matrices decay: those of the embedding, the head, and four in each of two blocks.
      expect(count(graph, name, 'AssignSubVariableOp')).toBe(2 + 4 * 2);
    },
  );
});

/** What is worked on below: a parameter of each golden tensor, with gradients as inputs. */
const specs: Specs = Object.fromEntries(
  Object.entries(golden.shapes).map(([name, shape]) => [name, { dtype: 'float32', shape }]),
);
const state: Specs = { ...addPrefix('p', specs), ...addPrefix('m', specs), ...addPrefix('v', specs) };
const { beta1, beta2 } = golden.hyper;

interface Moved {
  readonly p: Parameters;
  readonly m: Parameters;
  readonly v: Parameters;
  readonly before: Parameters;
}

/** AdamW on the golden tensors; `more` adds outputs or entries of the state. */
const update = (
  more: (moved: Moved) => { readonly outputs?: Parameters; readonly state?: Parameters } = () => ({}),
  decays: (name: string) => boolean = () => true,
): ProgramFunction => ({
  inputs: { ...addPrefix('g', specs), rates: ADAMW_RATES },
  compute: ({ state: before, inputs }) => {
    const { params: p, state: next } = adamwStep({
      params: takePrefix('p', before),
      grads: takePrefix('g', inputs),
      state: { m: takePrefix('m', before), v: takePrefix('v', before) },
      rates_3: inputs['rates'] as tf.Tensor1D,
      ...{ beta1, beta2, decays },
    });
    const moved = more({ p, m: next.m, v: next.v, before });
    return {
      state: { ...addPrefix('p', p), ...addPrefix('m', next.m), ...addPrefix('v', next.v), ...moved.state },
      outputs: { ...moved.outputs },
    };
  },
});

const programOf = (definition: ProgramFunction, over: Specs = {}): Program<'step'> => ({
  name: 'adamw',
  state: { ...state, ...over },
  functions: { step: definition },
});

const hostOf = (arrays: Readonly<Record<string, readonly number[]>>): StateDict =>
  Object.fromEntries(
    Object.entries(golden.shapes).map(([name, shape]) => [
      name,
      { dtype: 'float32', shape, data: Float32Array.from(arrays[name] ?? []) },
    ]),
  );

const zeros = (): StateDict =>
  Object.fromEntries(
    Object.entries(hostOf(golden.start)).map(([name, host]) => [
      name,
      { ...host, data: new Float32Array(host.data.length) },
    ]),
  );

/** The golden run: the state after each step. */
function goldenRun(executor: ProgramExecutor, program: Program<'step'>): StateDict[] {
  const running = executor.start(program);
  const start = {
    ...addPrefix('p', hostOf(golden.start)),
    ...addPrefix('m', zeros()),
    ...addPrefix('v', zeros()),
  };
  running.writeState(start);
  const states = golden.steps.map(({ grads }, index) => {
    const gradients = Object.entries(hostOf(grads)).map(([name, { data }]) => [name, data] as const);
    const rates = adamwRates({ ...golden.hyper, step: index + 1 });
    running.run('step', { ...addPrefix('g', Object.fromEntries(gradients)), rates });
    return running.readState(Object.keys(state));
  });
  running.dispose();
  return states;
}

/** Largest difference over the largest expected magnitude, of all tensors. */
function worst(actual: StateDict, expected: Readonly<Record<string, ArrayLike<number>>>): number {
  const errors = Object.entries(expected).map(([name, wanted]) => {
    const values = Array.from(wanted);
    const data = actual[name]?.data ?? [];
    const scale = Math.max(...values.map(Math.abs));
    return Math.max(...values.map((value, i) => Math.abs((data[i] ?? NaN) - value))) / scale;
  });
  return Math.max(...errors);
}

describe('a fused AdamW', () => {
  it("takes PyTorch's steps and keeps its moments", () => {
    const program = programOf(update());
    expect(count(lower(program), 'step', 'ResourceApplyAdam')).toBe(3);
    const states = goldenRun(graphExecutor(), program);
    for (const [index, { params }] of golden.steps.entries())
      expect(worst(takePrefix('p', states[index] ?? {}), params)).toBeLessThan(golden.tolerance);
    const last = states.at(-1) ?? {};
    expect(worst(takePrefix('m', last), golden.m)).toBeLessThan(golden.tolerance);
    // TensorFlow's kernel takes 1 − β₂ from β₂ as rounded to float32: 1.3e-5 of it for 0.999.
    expect(worst(takePrefix('v', last), golden.v)).toBeLessThan(2e-5);
  });

  it.each([
    ['decays', () => true],
    ['does not decay', () => false],
  ])('equals the update written out where it %s', (_title, decays) => {
    const program = programOf(update(undefined, decays));
    const [fused, eager] = [graphExecutor(), eagerExecutor].map((executor) => goldenRun(executor, program));
    for (const [index, after] of (eager ?? []).entries()) {
      const params = Object.entries(takePrefix('p', after)).map(([name, { data }]) => [name, data] as const);
      expect(worst(takePrefix('p', fused?.[index] ?? {}), Object.fromEntries(params))).toBeLessThan(1e-6);
    }
  });
});

const weight = 'head.weight';
const first = (of: Parameters): tf.Tensor => of[weight] as tf.Tensor;
const spec = specs[weight] as Specs[string];

/** Functions of which the update of `head.weight` must stay written out. */
const apart: readonly [title: string, definition: ProgramFunction, over?: Specs][] = [
  ['the new first moment is an output too', update(({ m }) => ({ outputs: { m: first(m) } }))],
  ['the new second moment is an output too', update(({ v }) => ({ outputs: { v: first(v) } }))],
  ['the new parameter is an output too', update(({ p }) => ({ outputs: { p: first(p) } }))],
  [
    'the new first moment is used elsewhere',
    update(({ m }) => ({ outputs: { size: tf.sum(tf.abs(first(m))) } })),
  ],
  ['the new parameter is used elsewhere', update(({ p }) => ({ outputs: { size: tf.sum(first(p)) } }))],
  [
    'the old first moment is used elsewhere',
    update(({ before }) => ({ outputs: { old: tf.sum(before[`m/${weight}`] as tf.Tensor) } })),
  ],
  [
    'another entry takes the new parameter as well',
    update(({ p }) => ({ state: { average: first(p) } })),
    { average: spec },
  ],
  [
    'the parameter is replaced by another expression',
    update(({ p }) => ({ state: { [`p/${weight}`]: tf.neg(first(p)) } })),
  ],
  [
    'the second moment is replaced by another expression',
    update(({ v }) => ({ state: { [`v/${weight}`]: tf.maximum(first(v), 0) } })),
  ],
];

describe('what is not AdamW alone', () => {
  it.each(apart)('stays written out: %s', (_title, definition, over) => {
    const program = programOf(definition, over);
    const graph = lower(program);
    expect(count(graph, 'step', 'ResourceApplyAdam')).toBe(2);
    const [captured, eager] = [graphExecutor(), eagerExecutor].map((executor) =>
      goldenRun(executor, program),
    );
    for (const [index, after] of (eager ?? []).entries()) {
      const values = Object.entries(after).map(([name, { data }]) => [name, data] as const);
      expect(worst(captured?.[index] ?? {}, Object.fromEntries(values))).toBeLessThan(2e-5);
    }
  });

  interface Written {
    readonly rest?: number;
    readonly stepSize?: (of: tf.Tensor) => tf.Tensor;
    readonly gradient?: (of: tf.Tensor) => tf.Tensor;
    readonly square?: (of: tf.Tensor) => tf.Tensor;
  }

  /** The update written out by hand, with one thing about it that may differ. */
  const written = ({ rest = 0.1, stepSize, gradient, square = tf.square }: Written): Program<'step'> => ({
    name: 'written',
    state: { p: spec, m: spec, v: spec },
    functions: {
      step: {
        inputs: { g: spec },
        compute: ({ state: { p, m, v }, inputs: { g } }) => {
          const slope = (gradient ?? tf.neg)(g as tf.Tensor);
          const nextM = tf.add(tf.mul(m as tf.Tensor, 0.9), tf.mul(slope, rest));
          const nextV = tf.add(tf.mul(v as tf.Tensor, 0.999), tf.mul(square(slope), 1 - 0.999));
          const rate = stepSize ? stepSize(slope) : tf.scalar(0.01);
          const move = tf.mul(tf.div(nextM, tf.add(tf.sqrt(nextV), 1e-8)), rate);
          return { state: { p: tf.sub(p as tf.Tensor, move), m: nextM, v: nextV }, outputs: {} };
        },
      },
    },
  });

  it.each<[string, Written, number]>([
    ['nothing differs', {}, 1],
    ['the weights of a moment do not add up to 1', { rest: 0.5 }, 0],
    ['every element has a step size of its own', { stepSize: tf.abs }, 0],
    ['the gradient is one number for all elements', { gradient: (g) => tf.sum(g) }, 0],
    ['the second moment is not that of the gradient', { square: tf.abs }, 0],
  ])('is told from it: %s', (_title, differs, fused) => {
    const graph = lower(written(differs));
    expect(count(graph, 'step', 'ResourceApplyAdam')).toBe(fused);
    expect(count(graph, 'step', 'AssignVariableOp')).toBe(fused ? 0 : 3);
  });

  it('reads a parameter as it was, also where the gradient does not depend on it', () => {
    const program: Program<'step'> = {
      ...written({}),
      functions: {
        step: {
          inputs: { g: spec },
          compute: (call) => {
            const { state: next } = written({}).functions.step.compute(call);
            return {
              ...(next && { state: next }),
              outputs: { before: tf.exp(call.state['p'] as tf.Tensor) },
            };
          },
        },
      },
    };
    expect(count(lower(program), 'step', 'ResourceApplyAdam')).toBe(1);
    const running = graphExecutor().start(program);
    const data = Float32Array.from({ length: 12 }, (_, i) => i / 10);
    const none = { ...spec, data: new Float32Array(12) };
    for (let round = 0; round < 50; round++) {
      running.writeState({ p: { ...spec, data }, m: none, v: none });
      const { before } = running.run('step', { g: new Float32Array(12).fill(1) });
      expect([...(before?.data ?? [])].map(Math.log).map((x) => Math.round(x * 10))).toEqual(
        Array.from({ length: 12 }, (_, i) => i),
      );
      expect(running.readState(['p'])['p']?.data[3]).toBeCloseTo(0.3 + 0.01 * Math.sqrt(0.1 ** 2 / 0.001), 4);
    }
    running.dispose();
  });
});
