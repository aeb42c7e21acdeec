import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SharedArrays } from './shared-arrays.js';

const specs = {
  scale: { dtype: 'float32', shape: [] },
  pixels: { dtype: 'float32', shape: [4, 2, 3] },
  labels: { dtype: 'int32', shape: [4] },
} as const;

describe('arrays that processes share', () => {
  it('come back as they were written, whole or some rows of them', () => {
    const arrays = new SharedArrays(specs);
    const pixels = Float32Array.from({ length: 24 }, (_, i) => i / 7);
    arrays.write('pixels', pixels);
    arrays.write('scale', Float32Array.of(NaN));
    arrays.write('labels', Int32Array.of(3, -1, 2, 1));
    expect(arrays.readTensor('pixels')).toEqual({ dtype: 'float32', shape: [4, 2, 3], data: pixels });
    expect(arrays.readTensor('scale')).toEqual({ dtype: 'float32', shape: [], data: Float32Array.of(NaN) });
    expect(arrays.readTensor('labels', { first: 1, count: 2 })).toEqual({
      dtype: 'int32',
      shape: [2],
      data: Int32Array.of(-1, 2),
    });
    expect(arrays.readTensor('pixels', { first: 2, count: 2 }).data).toEqual(pixels.subarray(12));
    arrays.close();
  });

  it('refuse names and rows that are not there', () => {
    const arrays = new SharedArrays(specs);
    expect(() => arrays.write('noise', Float32Array.of(1))).toThrow('no array is called noise');
    expect(() => arrays.read('labels', new Int32Array(2), 3)).toThrow(
      'labels: expected 2 elements from 3, got 1',
    );
    arrays.close();
  });

  it('are seen by a process that gets the descriptor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shared-arrays-'));
    const program = join(folder, 'child.cjs');
    writeFileSync(
      program,
      `const fs = require('node:fs'); const values = new Float32Array(24);
       fs.readSync(4, values, 0, 96, 4); fs.writeSync(4, values.map((v) => 2 * v), 0, 96, 4);`,
    );
    const arrays = new SharedArrays(specs);
    arrays.write('pixels', new Float32Array(24).fill(21));
    const child = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', arrays.file] });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(arrays.readTensor('pixels').data).toEqual(new Float32Array(24).fill(42));
    arrays.close();
    rmSync(folder, { recursive: true });
  });
});
