import { attackProgram, pgd, vitClassifier } from '@vitrine/ml-attacks';
import { pixelSpec } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

export function pgdTask({ case: { attack, model }, executor, weights, specs, batch }: Setting): Task {
  const program = executor.start(
    attackProgram({
      weights: specs,
      classifier: (params) => vitClassifier({ config: model, params }),
      pixelShape: pixelSpec(model, batch.size).shape as [number, number, number, number],
    }),
  );
  program.writeState(weights);
  let seed = 0;
  const attacked = (randomStart: boolean): Float32Array =>
    pgd(program, batch, { ...attack, restarts: 1, seed: (seed += 1), index: 0, randomStart });
  const lossOf = (pixels: Float32Array): number => {
    const logits = program.run('predict', { pixels })['logits']?.data ?? [];
    return [...batch.labels].reduce((sum, label, image) => {
      const row = [...logits.slice(image * model.classes, (image + 1) * model.classes)];
      const largest = Math.max(...row);
      const others = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      return sum + largest + Math.log(others) - (row[label] ?? NaN);
    }, 0);
  };
  return {
    run: () => void attacked(true),
    checks: () => [
      { name: 'loss of the clean images', values: [lossOf(batch.pixels)] },
      { name: 'loss of the attacked images', values: [lossOf(attacked(false))] },
    ],
  };
}
