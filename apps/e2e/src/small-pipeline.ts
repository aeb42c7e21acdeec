const data = { train: { limit: 512 }, test: { limit: 128 } };
const synthesis = { maxSteps: 6, batchSize: 64 };

/** Every real stage kind once, on few images and few steps. */
export function smallPipeline(): unknown {
  const hardening = { ...data, rounds: 2, stepsPerRound: 4, batchSize: 64, synthesis };
  return {
    version: 1,
    name: 'small',
    seed: 7,
    stages: {
      train: {
        kind: 'train',
        params: { ...data, model: { width: 48, depth: 2 }, epochs: 4, checkpoint: { everySteps: 10 } },
      },
      noise: { kind: 'nullspace-noise', inputs: { model: 'train.model' }, params: { ...data, synthesis } },
      harden: { kind: 'augmented-finetune', inputs: { model: 'train.model' }, params: hardening },
      'judge-base': {
        kind: 'evaluate',
        inputs: { model: 'train.model' },
        params: { test: data.test },
      },
      'judge-hardened': {
        kind: 'evaluate',
        inputs: { model: 'harden.model' },
        params: { test: data.test },
      },
      report: {
        kind: 'report',
        inputs: {
          histories: { training: 'train.history', hardening: 'harden.history' },
          evaluations: { base: 'judge-base.evaluation', hardened: 'judge-hardened.evaluation' },
          noises: { base: 'noise.noise' },
        },
      },
    },
  };
}
