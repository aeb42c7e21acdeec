import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '@vitrine/ml-tensor';
import { describeExecutor } from '@vitrine/ml-tensor/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureError } from './capture-error.js';
import { graphExecutor } from './graph-executor.js';
import type { Binding, NodeBackend } from './node-backend.js';

describeExecutor('graph', graphExecutor());

const backend = tf.backend() as unknown as NodeBackend;
const openSessions = (): number =>
  (backend.binding as Binding & { getNumOfSavedModels(): number }).getNumOfSavedModels();

const scalar = { dtype: 'float32', shape: [] } as const;

describe('the graph executor', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'executor-spec-'));
    vi.stubEnv('TMPDIR', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('leaves neither session nor file after 200 programs', () => {
    const example: Program<'add'> = {
      name: 'example',
      state: { a: scalar },
      functions: {
        add: {
          inputs: { x: scalar },
          compute: ({ state: { a }, inputs: { x } }) => ({
            state: { a: tf.add(a as tf.Tensor, x as tf.Tensor) },
            outputs: {},
          }),
        },
      },
    };
    const before = { sessions: openSessions(), ...tf.memory() };
    for (let round = 0; round < 200; round++) {
      const program = graphExecutor().start(example);
      program.writeState({ a: { ...scalar, data: Float32Array.of(round) } });
      program.run('add', { x: Float32Array.of(1) });
      expect(program.readState()['a']?.data[0]).toBe(round + 1);
      program.dispose();
    }
    expect({ sessions: openSessions(), ...tf.memory() }).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says which function of which program cannot be captured, and starts nothing', () => {
    const before = openSessions();
    const start = (): unknown =>
      graphExecutor().start({
        name: 'lookup',
        state: {},
        functions: {
          fine: { inputs: { x: scalar }, compute: ({ inputs }) => ({ outputs: inputs }) },
          gather: {
            inputs: { x: { dtype: 'float32', shape: [4] } },
            compute: ({ inputs: { x } }) => ({ outputs: { top: tf.topk(x as tf.Tensor, 2).values } }),
          },
        },
      });
    expect(start).toThrow(CaptureError);
    expect(start).toThrow(/^capture, lookup\.gather, operation TopKV2: no rule gives its shapes\./);
    expect(openSessions()).toBe(before);
    expect(readdirSync(folder)).toEqual([]);
  });
});
