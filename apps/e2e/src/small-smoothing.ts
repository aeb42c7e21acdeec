/** A denoiser in training and certificates with it, small enough for a test and long enough to be killed in the middle. */
export function smallSmoothing(name: string, chunkImages?: number): unknown {
  const data = { train: { limit: 256 }, test: { limit: 64 } };
  // Computed again each time: found results would survive any kill.
  const cache = false;
  return {
    version: 1,
    name,
    seed: 20_260_102,
    stages: {
      classifier: { kind: 'train', params: { ...data, model: { width: 48, depth: 2, heads: 3 }, epochs: 3 } },
      denoiser: {
        kind: 'train-denoiser',
        cache,
        params: {
          ...data,
          model: { width: 8, multipliers: [1, 2], attentionSizes: [], groups: 4, diffusion: { steps: 100 } },
          epochs: 8,
          batchSize: 16,
          dropout: 0.1,
          samples: { count: 4, steps: 4, grids: 2 },
          checkpoint: { everySteps: 10 },
        },
      },
      certificates: {
        kind: 'certify',
        cache,
        inputs: { model: 'classifier.model', denoiser: 'denoiser.denoiser' },
        params: {
          test: { limit: 18 },
          sigma: 0.1,
          selection: 20,
          draws: 2000,
          batchSize: 20,
          chunk: 1,
          abstention: 'never',
          ...(chunkImages !== undefined && { chunkImages }),
        },
      },
    },
  };
}
