import { adamwRates } from '@vitrine/ml-optim';
import { initialTrainingState, trainingProgram } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import { scalarOf, type Setting } from './setting.js';

const BETAS = { beta1: 0.9, beta2: 0.999 };

/** A step on the cross-entropy with smoothed labels. */
export const trainTask = (setting: Setting): Task => stepTask(setting, 'learn', {});

/** The same on clean and on noisy embeddings, with a noise that does not change. */
export const finetuneTask = (setting: Setting): Task =>
  stepTask(setting, 'learnWithNoise', { noise: setting.noise.data as Float32Array });

function stepTask(
  { case: { hyper, model }, executor, weights, batch }: Setting,
  name: 'learn' | 'learnWithNoise',
  noise: { readonly noise?: Float32Array },
): Task {
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
    const rates = adamwRates({ ...hyper, ...BETAS, step });
    return scalarOf(program.run(name, { pixels, labels, rates, ...noise }), 'loss');
  };
  return {
    run,
    checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }],
  };
}
