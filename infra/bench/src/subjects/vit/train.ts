import { adamwRates } from '@vitrine/ml-optim';
import type { RunningProgram } from '@vitrine/ml-tensor';
import {
  accumulatingProgram,
  initialTrainingState,
  trainingProgram,
  withoutGradients,
} from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import { scalarOf, type Setting } from './setting.js';

const BETAS = { beta1: 0.9, beta2: 0.999 };

/** A step on the cross-entropy with smoothed labels; in parts of the batch where the case says so. */
export const trainTask = (setting: Setting): Task =>
  setting.case.economy.microBatch === undefined
    ? stepTask(setting, wholeSteps(setting, 'learn', {}))
    : stepTask(setting, stepsInParts(setting, setting.case.economy.microBatch));

/** The same on clean and on noisy embeddings, with a noise that does not change. */
export const finetuneTask = (setting: Setting): Task =>
  stepTask(setting, wholeSteps(setting, 'learnWithNoise', { noise: setting.noise.data as Float32Array }));

/** Takes a step and says its loss. */
type TakeStep = (rates: Float32Array) => number;

function stepTask({ case: { hyper } }: Setting, takeStep: TakeStep): Task {
  let step = 0;
  const run = (): number => {
    step += 1;
    return takeStep(adamwRates({ ...hyper, ...BETAS, step }));
  };
  return {
    run,
    checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }],
  };
}

const optionsOf = (
  { case: { hyper, model, economy } }: Setting,
  batchSize: number,
): Parameters<typeof trainingProgram>[0] => ({
  config: model,
  hyper: { ...BETAS, labelSmoothing: hyper.labelSmoothing },
  batchSize,
  predictionSize: batchSize,
  recompute: economy.recompute ?? false,
});

function wholeSteps(
  setting: Setting,
  name: 'learn' | 'learnWithNoise',
  noise: { readonly noise?: Float32Array },
): TakeStep {
  const { executor, weights, batch } = setting;
  const program = executor.start(trainingProgram(optionsOf(setting, batch.size)));
  program.writeState(initialTrainingState(weights));
  const { pixels, labels } = batch;
  return (rates) => scalarOf(program.run(name, { pixels, labels, rates, ...noise }), 'loss');
}

function stepsInParts(setting: Setting, size: number): TakeStep {
  const { executor, weights, batch } = setting;
  const options = optionsOf(setting, size);
  const program: RunningProgram<'accumulate' | 'gradientNorm' | 'update'> = executor.start(
    accumulatingProgram(options),
  );
  program.writeState(withoutGradients(initialTrainingState(weights), options));
  const parts = batch.size / size;
  const stride = batch.pixels.length / batch.size;
  const factors = Float32Array.of(1, 1 / parts);
  return (rates) => {
    const losses = Array.from({ length: parts }, (_, part) => {
      const pixels = batch.pixels.subarray(part * size * stride, (part + 1) * size * stride);
      const labels = batch.labels.subarray(part * size, (part + 1) * size);
      return scalarOf(program.run('accumulate', { pixels, labels, factors }), 'loss');
    });
    program.run('gradientNorm', {});
    program.run('update', { rates });
    return losses.reduce((sum, loss) => sum + loss, 0) / parts;
  };
}
