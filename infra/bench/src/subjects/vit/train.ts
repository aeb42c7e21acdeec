import { adamwRates } from '@vitrine/ml-optim';
import { initialTrainingState, trainingProgram } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import { scalarOf, type Setting } from './setting.js';

const BETAS = { beta1: 0.9, beta2: 0.999 };

export function trainTask({ case: { hyper, model }, executor, weights, batch }: Setting): Task {
  const program = executor.start(
    trainingProgram({
      config: model,
      hyper: { ...BETAS, labelSmoothing: hyper.labelSmoothing },
      batchSize: batch.size,
      predictionSize: batch.size,
    }),
  );
  program.writeState(initialTrainingState(weights));
  const { pixels, labels } = batch;
  let step = 0;
  const run = (): number => {
    step += 1;
    return scalarOf(
      program.run('learn', { pixels, labels, rates: adamwRates({ ...hyper, ...BETAS, step }) }),
      'loss',
    );
  };
  return {
    run,
    checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }],
  };
}
