/** A real training, small enough for a test and long enough to be killed in the middle. */
export function smallTraining(name: string): unknown {
  return {
    version: 1,
    name,
    seed: 20_260_101,
    stages: {
      train: {
        kind: 'train',
        // Trained again each time: found results would survive any kill.
        cache: false,
        params: {
          model: { width: 48, depth: 2, heads: 3 },
          train: { limit: 512 },
          test: { limit: 256 },
          epochs: 60,
          batchSize: 64,
          checkpoint: { everySteps: 20 },
        },
      },
    },
  };
}
