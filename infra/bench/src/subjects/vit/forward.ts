import { addPrefix } from '@vitrine/ml-tensor';
import { predictionFunction, STATE } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

export function forwardTask({ case: { model }, executor, weights, specs, batch }: Setting): Task {
  const program = executor.start({
    name: 'forward',
    state: addPrefix(STATE.params, specs),
    functions: { predict: predictionFunction(model, batch.size) },
  });
  program.writeState(addPrefix(STATE.params, weights));
  const run = (): readonly number[] => [
    ...(program.run('predict', { pixels: batch.pixels })['logits']?.data.subarray(0, model.classes) ?? []),
  ];
  return { run, checks: () => [{ name: 'logits of the first image', values: run() }] };
}
