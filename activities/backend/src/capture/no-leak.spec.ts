import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { initVit } from '@vitrine/ml-nn';
import { initialTrainingState, trainingProgram } from '@vitrine/ml-training';
import { smallConfig, smallImages, smallOptions, smallRates } from '@vitrine/ml-training/testing';
import { describe, expect, it } from 'vitest';
import { graphExecutor } from './graph-executor.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Tensors, and the memory of the process without what JavaScript has not collected yet. */
function memory(): tf.MemoryInfo & { readonly rss: number } {
  collectGarbage();
  return { ...tf.memory(), rss: process.memoryUsage().rss };
}

describe('a captured training that goes on for long', () => {
  it('keeps the tensors and the memory that it had', () => {
    const program = graphExecutor().start(trainingProgram(smallOptions));
    program.writeState(initialTrainingState(initVit(smallConfig, 9)));
    const batch = smallImages(0);
    const train = (steps: number): void => {
      for (let step = 0; step < steps; step++) program.run('learn', { ...batch, rates: smallRates(step) });
    };
    train(50);
    const before = memory();
    train(300);
    const after = memory();
    program.dispose();
    expect([after.numTensors, after.numBytes]).toEqual([before.numTensors, before.numBytes]);
    // A step that leaked its batch would leave 24 KiB.
    expect((after.rss - before.rss) / 300).toBeLessThan(8 * 1024);
  });
});
