import { initAdamW } from '@vitrine/ml-optim';
import { disposeAll } from '@vitrine/ml-tensor';
import { trainStep } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

const BETAS = { beta1: 0.9, beta2: 0.999 };

export function trainTask({ case: { hyper }, vit, batch }: Setting): Task {
  let params = vit.params;
  let optimizer = initAdamW(params);
  let step = 0;
  const run = (): number => {
    const next = trainStep({
      vit: { ...vit, params },
      optimizer,
      batch,
      step,
      learningRate: hyper.learningRate,
      hyper: { ...hyper, ...BETAS },
    });
    for (const old of [params, optimizer.m, optimizer.v]) disposeAll(old);
    ({ params, optimizer } = next);
    step += 1;
    return next.loss;
  };
  return {
    run,
    checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }],
  };
}
