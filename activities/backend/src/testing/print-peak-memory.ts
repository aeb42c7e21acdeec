/**
 * A process of its own that takes captured steps and prints, as JSON, how many MiB they needed at most beyond what was there
 * before the first, the peak of the whole process, and milliseconds a step.
 */
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-node-gpu';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { PURPOSE, uniform, type RunningProgram } from '@vitrine/ml-tensor';
import {
  accumulatingProgram,
  initialTrainingState,
  trainingProgram,
  withoutGradients,
} from '@vitrine/ml-training';
import { graphExecutor } from '../capture/graph-executor.js';
import { registerOrderingKernel } from '../ordering.js';

/** As the one argument, in JSON. */
export interface MemoryCase {
  readonly config: Partial<VitConfig>;
  readonly batch: number;
  readonly microBatch?: number;
  readonly recompute?: boolean;
  readonly steps: number;
}

const {
  config: given,
  batch,
  microBatch = batch,
  recompute = false,
  steps,
} = JSON.parse(process.argv[2] ?? '{}') as MemoryCase;
const tiny = {
  imageSize: 32,
  patchSize: 4,
  channels: 3,
  width: 192,
  depth: 12,
  heads: 3,
  mlpRatio: 4,
  classes: 10,
};
const config: VitConfig = { ...tiny, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], ...given };
const hyper = { beta1: 0.9, beta2: 0.999, labelSmoothing: 0.1 };

const mebibytes = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
  1024;

registerOrderingKernel();
const options = { config, hyper, batchSize: microBatch, predictionSize: 1, recompute };
const state = initialTrainingState(initVit(config, 1));
const pixels = uniform(
  { seed: 1, purpose: PURPOSE.batchChoice },
  microBatch * config.channels * config.imageSize ** 2,
);
const labels = Int32Array.from({ length: microBatch }, (_, i) => i % config.classes);
const ratesOf = (step: number): Float32Array =>
  adamwRates({ ...hyper, weightDecay: 0.05, learningRate: 1e-3, step });

function stepper(): (step: number) => void {
  if (microBatch === batch) {
    const program: RunningProgram<'learn'> = graphExecutor().start(trainingProgram(options));
    program.writeState(state);
    return (step) => void program.run('learn', { pixels, labels, rates: ratesOf(step) });
  }
  const program = graphExecutor().start(accumulatingProgram(options));
  program.writeState(withoutGradients(state, options));
  const factors = Float32Array.of(1, microBatch / batch);
  return (step) => {
    for (let part = 0; part < batch / microBatch; part++)
      program.run('accumulate', { pixels, labels, factors });
    program.run('gradientNorm', {});
    program.run('update', { rates: ratesOf(step) });
  };
}

const take = stepper();
const before = mebibytes('VmRSS');
take(1);
const began = performance.now();
for (let step = 2; step <= steps; step++) take(step);
const stepMilliseconds = (performance.now() - began) / (steps - 1);
const peak = mebibytes('VmHWM');
process.stdout.write(JSON.stringify({ steps: peak - before, peak, stepMilliseconds }));
