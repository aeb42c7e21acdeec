import { splitVit, startSynthesis, synthesisStep, tensorsOf } from '@vitrine/ml-nullspace';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

export function noiseSynthesisTask({ case: { synthesis }, vit, batch, noise_1ND }: Setting): Task {
  const model = splitVit(vit);
  // A tolerance that is never met: every step is a whole one.
  const settings = { ...synthesis, mode: 'learned', epsilon: 0 } as const;
  let state = startSynthesis(noise_1ND, settings.mode);
  const run = (): { readonly mseProbs: number; readonly mseLogits: number } => {
    const next = synthesisStep(model, batch.pixels_BCHW, { state, settings });
    for (const tensor of tensorsOf(state)) tensor.dispose();
    state = next.state;
    return next;
  };
  return {
    run,
    checks: () => {
      const steps = [run(), run(), run()];
      return [
        { name: 'squared distances of probabilities', values: steps.map(({ mseProbs }) => mseProbs) },
        { name: 'squared distances of logits', values: steps.map(({ mseLogits }) => mseLogits) },
      ];
    },
  };
}
