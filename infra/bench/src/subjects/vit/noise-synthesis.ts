import {
  initialSearchState,
  splitVit,
  SYNTHESIS_DEFAULTS,
  synthesisProgram,
  synthesisRates,
  weightsState,
} from '@vitrine/ml-nullspace';
import { pixelSpec } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import { scalarOf, type Setting } from './setting.js';

/** No held-out images are looked at. */
const NONE = Float32Array.of(Infinity);

export function noiseSynthesisTask(setting: Setting): Task {
  const { executor, weights, specs, batch, noise } = setting;
  const { model: config, synthesis } = setting.case;
  // A tolerance that is never met: every step is a whole one.
  const settings = { ...SYNTHESIS_DEFAULTS, ...synthesis, epsilon: 0 };
  const program = executor.start(
    synthesisProgram({
      weights: specs,
      model: (params) => splitVit({ config, params }),
      noiseShape: noise.shape,
      pixelShape: pixelSpec(config, batch.size).shape,
      settings,
    }),
  );
  program.writeState({ ...weightsState(weights), ...initialSearchState(noise, settings) });
  let step = 0;
  const run = (): { readonly mseProbs: number; readonly mseLogits: number } => {
    const rates = synthesisRates(settings, step);
    const outputs = program.run('search', { pixels: batch.pixels, rates, heldOut: NONE });
    step += 1;
    return { mseProbs: scalarOf(outputs, 'mseProbs'), mseLogits: scalarOf(outputs, 'mseLogits') };
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
