import * as tf from '@tensorflow/tfjs-core';
import type { ProgramExecutor } from '@vitrine/ml-tensor';
import type { MatrixProductCase } from '../../vit-case.js';
import type { Task } from '../serve.js';
import { scalarOf } from './setting.js';

/** A square product in float32, whose speed is the measure of the machine. */
export function matrixProductTask({ size }: MatrixProductCase, executor: ProgramExecutor): Task {
  const matrix = { dtype: 'float32', shape: [size, size] } as const;
  const program = executor.start({
    name: 'matrix product',
    state: { a: matrix, b: matrix },
    functions: {
      multiply: {
        inputs: {},
        compute: ({ state: { a, b } }) => ({
          outputs: { element: tf.slice(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), [0, 0], [1, 1]) },
        }),
      },
    },
  });
  const filledWith = (value: number) => ({ ...matrix, data: new Float32Array(size * size).fill(value) });
  program.writeState({ a: filledWith(1), b: filledWith(0.5) });
  const run = (): number => scalarOf(program.run('multiply', {}), 'element');
  return { run, checks: () => [{ name: 'an element of the product', values: [run()] }] };
}
