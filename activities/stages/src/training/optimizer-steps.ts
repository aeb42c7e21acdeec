/** One optimizer step on the device: of a whole batch in one call, or of its parts one after the other. */
import type { BatchBuffers } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';
import type { HostTensor, ProgramExecutor, RunningProgram, StateDict } from '@vitrine/ml-tensor';
import {
  accumulatingProgram,
  trainingProgram,
  withoutGradients,
  type TrainStepHyper,
} from '@vitrine/ml-training';

export interface StepsPlan {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  readonly batchSize: number;
  /** Images whose activations are in memory at a time, a divisor of `batchSize`; all of them, when absent. */
  readonly microBatch?: number | undefined;
  /** `blocks`: activations inside the blocks are computed again instead of kept. */
  readonly recompute?: 'blocks' | undefined;
  readonly hyper: TrainStepHyper;
  readonly predictionSize: number;
}

export interface StepInput {
  readonly batch: BatchBuffers;
  readonly rates: Float32Array;
  readonly noise: HostTensor | undefined;
}

export interface StepFigures {
  readonly loss: number;
  readonly gradientNorm: number;
}

export interface OptimizerSteps {
  readonly program: RunningProgram<'predict'>;
  take(step: StepInput): StepFigures;
}

/** @param state weights and moments */
export function startSteps(plan: StepsPlan, state: StateDict): OptimizerSteps {
  const { microBatch = plan.batchSize } = plan;
  return microBatch < plan.batchSize ? stepsInParts({ ...plan, microBatch }, state) : wholeSteps(plan, state);
}

const optionsOf = ({ config, hyper, predictionSize, recompute }: StepsPlan, batchSize: number) =>
  ({ config, hyper, predictionSize, batchSize, recompute: recompute === 'blocks' }) as const;

const figure = (outputs: Readonly<Record<string, HostTensor>>, name: string): number =>
  outputs[name]?.data[0] ?? NaN;

function wholeSteps(plan: StepsPlan, state: StateDict): OptimizerSteps {
  const program = plan.executor.start(trainingProgram(optionsOf(plan, plan.batchSize)));
  program.writeState(state);
  return {
    program,
    take: ({ batch: { pixels, labels }, rates, noise }) => {
      const inputs = { pixels, labels, rates };
      const outputs = noise
        ? program.run('learnWithNoise', { ...inputs, noise: noise.data })
        : program.run('learn', inputs);
      return { loss: figure(outputs, 'loss'), gradientNorm: figure(outputs, 'gradientNorm') };
    },
  };
}

function stepsInParts(plan: StepsPlan & { readonly microBatch: number }, state: StateDict): OptimizerSteps {
  const { microBatch: size, batchSize } = plan;
  const parts = batchSize / size;
  const program = plan.executor.start(accumulatingProgram(optionsOf(plan, size)));
  program.writeState(withoutGradients(state));
  const factors = Float32Array.of(1, 1 / parts);
  return {
    program,
    take: ({ batch: { pixels, labels }, rates, noise }) => {
      const stride = pixels.length / batchSize;
      let loss = 0;
      for (let first = 0; first < batchSize; first += size) {
        const inputs = {
          pixels: pixels.subarray(first * stride, (first + size) * stride),
          labels: labels.subarray(first, first + size),
          factors,
        };
        const outputs = noise
          ? program.run('accumulateWithNoise', { ...inputs, noise: noise.data })
          : program.run('accumulate', inputs);
        loss += figure(outputs, 'loss') / parts;
      }
      const gradientNorm = figure(program.run('gradientNorm', {}), 'gradientNorm');
      program.run('update', { rates });
      return { loss, gradientNorm };
    },
  };
}
