import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eagerExecutor, type ProgramExecutor } from '@vitrine/ml-tensor';
import { trainingProgram } from '@vitrine/ml-training';
import { smallOptions, smallRun, smallRunInParts, smallState } from '@vitrine/ml-training/testing';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendEnvironment } from '../environment.js';
import type { MemoryCase } from '../testing/print-peak-memory.js';
import { graphExecutor } from './graph-executor.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction } from './record-function.js';
import { inOrder } from './graph.js';

const executors: [string, ProgramExecutor][] = [
  ['eager', eagerExecutor],
  ['graph', graphExecutor()],
];

/** Largest relative difference of two lists. */
const apart = (actual: readonly number[], expected: readonly number[]): number =>
  expected.length === actual.length
    ? Math.max(...expected.map((value, i) => Math.abs((actual[i] ?? NaN) / value - 1)))
    : NaN;

describe.each(executors)('a gradient summed over parts of a batch, by the %s executor', (_name, executor) => {
  it.each([2, 4])('is that of the batch: %i parts have its losses within 1e-6', (parts) => {
    const [whole, summed] = [smallRun(executor, 4), smallRunInParts(executor, { steps: 4, parts })];
    expect(apart(summed.losses, whole.losses)).toBeLessThan(1e-6);
    expect(apart(summed.gradientNorms, whole.gradientNorms)).toBeLessThan(1e-5);
    for (const [name, { data }] of Object.entries(summed.state))
      if (name.startsWith('gradient/'))
        expect(
          data.every((value) => value === 0),
          name,
        ).toBe(true);
  });

  it('does not depend on a scale of the loss that is a power of two', () => {
    const plain = smallRunInParts(executor, { steps: 3, parts: 2 });
    const scaled = smallRunInParts(executor, { steps: 3, parts: 2, lossScale: 2 ** 12 });
    expect(apart(scaled.losses, plain.losses)).toBeLessThan(1e-6);
  });
});

describe.each(executors)('activations that are computed again, by the %s executor', (_name, executor) => {
  it('give the very numbers of those that are kept', () => {
    const kept = smallRun(executor, 4);
    expect(smallRun(executor, 4, { step: 0, state: smallState(), recompute: true })).toEqual(kept);
  });
});

describe('a captured step that computes activations again', () => {
  const backend = tf.backend() as unknown as NodeBackend;
  const operations = (recompute: boolean): Record<string, number> => {
    const program = trainingProgram({ ...smallOptions, recompute });
    const definition = program.functions.learn;
    const { newState } = recordFunction(
      backend,
      { program, name: 'learn', definition },
      { precision: 'float32' },
    );
    const nodes = inOrder(Object.values(newState));
    const count = (op: string): number => nodes.filter((node) => node.op === op).length;
    return { Erf: count('Erf'), Softmax: count('Softmax'), After: count('After') };
  };

  it('has the operations of each block twice, behind the gradient', () => {
    const { depth } = smallOptions.config;
    expect(operations(false)).toEqual({ Erf: depth, Softmax: depth, After: 0 });
    expect(operations(true)).toEqual({ Erf: 2 * depth, Softmax: 2 * depth, After: 2 * depth });
  });
});

describe('the memory of a captured step', () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  let folder: string;

  beforeAll(async () => {
    // Inside node_modules, where the external packages resolve.
    folder = mkdtempSync(join(root, 'node_modules', '.memory-'));
    await build({
      entryPoints: [fileURLToPath(new URL('../testing/print-peak-memory.ts', import.meta.url))],
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@tensorflow/*', 'ml-matrix', 'protobufjs'],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** MiB that two steps need beyond what is there before. */
  const needed = async (how: Partial<MemoryCase>): Promise<number> => {
    const one: MemoryCase = { config: { width: 96, depth: 8 }, batch: 32, steps: 2, ...how };
    const env = { ...process.env, ...backendEnvironment({ threads: 1, visibleDevices: [] }) };
    const program = [join(folder, 'program.mjs'), JSON.stringify(one)];
    const { stdout } = await promisify(execFile)(process.execPath, program, { env });
    return (JSON.parse(stdout) as { steps: number }).steps;
  };

  it('falls with activations that are computed again, and with parts of the batch', async () => {
    const all = await needed({});
    expect(await needed({ recompute: true })).toBeLessThan(0.7 * all);
    expect(await needed({ microBatch: 8 })).toBeLessThan(0.7 * all);
  });
});
