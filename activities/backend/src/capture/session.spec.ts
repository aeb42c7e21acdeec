import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DTYPE } from './graph.js';
import type { NodeDef } from './graph-def.js';
import type { Binding, NodeBackend } from './node-backend.js';
import { GraphSession, type Feed } from './session.js';

const { binding } = tf.backend() as unknown as {
  binding: Binding & { getNumOfSavedModels(): number; getNumOfTensors(): number };
} & NodeBackend;

const T = { type: DTYPE.float32 };
const input = (name: string): NodeDef => ({
  name,
  op: 'Placeholder',
  attr: { dtype: T, shape: { shape: [] } },
});
const product: readonly NodeDef[] = [
  input('a'),
  input('b'),
  { name: 'sum', op: 'Add', input: ['a', 'b'], attr: { T } },
  { name: 'product', op: 'Mul', input: ['a', 'b'], attr: { T } },
  {
    name: 'checked',
    op: 'CheckNumerics',
    input: ['product'],
    attr: { T, message: { s: 'not a number here' } },
  },
];
const feed = (to: string, value: number): Feed => ({
  ...{ to, dtype: 'float32', shape: [], values: Float32Array.of(value) },
});

describe('a session', () => {
  let folder: string;
  let sessions: number;
  let tensors: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'session-spec-'));
    vi.stubEnv('TMPDIR', folder);
    [sessions, tensors] = [binding.getNumOfSavedModels(), binding.getNumOfTensors()];
  });
  /** Whatever a test did: no session, no tensor of TensorFlow's and no file is left. */
  afterEach(() => {
    expect([binding.getNumOfSavedModels(), binding.getNumOfTensors()]).toEqual([sessions, tensors]);
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('computes what is asked for, in that order', () => {
    const session = new GraphSession(binding, product);
    const values = session.run([feed('a:0', 6), feed('b:0', 7)], ['sum:0', 'product:0']);
    session.close();
    expect(values).toEqual([
      { dtype: 'float32', shape: [], data: Float32Array.of(13) },
      { dtype: 'float32', shape: [], data: Float32Array.of(42) },
    ]);
  });

  it("passes TensorFlow's message on when a run fails, and goes on", () => {
    const session = new GraphSession(binding, product);
    expect(() => session.run([feed('a:0', NaN), feed('b:0', 1)], ['checked:0'])).toThrow(/not a number here/);
    expect(() => session.run([feed('a:0', 1)], ['product:0'])).toThrow(/must feed a value for placeholder/);
    const [value] = session.run([feed('a:0', 2), feed('b:0', 1)], ['checked:0']);
    session.close();
    expect(value?.data).toEqual(Float32Array.of(2));
  });

  it('refuses elements that do not fit the shape', () => {
    const session = new GraphSession(binding, product);
    expect(() => session.run([feed('b:0', 1), { ...feed('a:0', 1), shape: [3] }], ['product:0'])).toThrow();
    session.close();
  });

  it('refuses a graph that TensorFlow does not know', () => {
    expect(() => new GraphSession(binding, [{ name: 'x', op: 'NoSuchOperation' }])).toThrow(
      /NoSuchOperation/,
    );
  });
});
