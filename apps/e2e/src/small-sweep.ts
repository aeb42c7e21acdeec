/** A sweep of real trainings that two processor cores do in well under a minute; its points do not depend on what trials come to. */
export function smallSweep(project: string): unknown {
  return {
    version: 1,
    name: 'rates',
    project,
    pipeline: {
      version: 1,
      name: 'rates',
      seed: 7,
      stages: {
        train: {
          kind: 'train',
          params: {
            model: { width: 48, depth: 2, heads: 3 },
            train: { limit: 512 },
            test: { limit: 128 },
            epochs: 12,
            batchSize: 64,
            checkpoint: { everySteps: 4 },
          },
        },
      },
    },
    space: {
      rate: {
        type: 'log-uniform',
        low: 1e-4,
        high: 1e-2,
        set: 'stages.train.params.optimizer.learningRate',
      },
    },
    objective: { metric: 'train.testAccuracy', direction: 'maximize' },
    sampler: { kind: 'random' },
    scheduler: { kind: 'asha', eta: 3, minResource: 4 },
    resource: { stage: 'train', max: 12 },
    budget: { trials: 3, deviceSeconds: 600 },
  };
}
