import { predictLogits } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

export function forwardTask({ case: { model }, vit, batch }: Setting): Task {
  const run = (): Float32Array => {
    const logits_BK = predictLogits(vit, batch.pixels_BCHW);
    const values = logits_BK.dataSync<'float32'>();
    logits_BK.dispose();
    return values;
  };
  return {
    run,
    checks: () => [{ name: 'logits of the first image', values: [...run().subarray(0, model.classes)] }],
  };
}
