/** Six steps of a small U-Net, two grids on the way. */
export const smallDenoiserParams = {
  model: {
    imageSize: 8,
    width: 8,
    multipliers: [1],
    attentionSizes: [],
    heads: 2,
    groups: 4,
    diffusion: { steps: 100 },
  },
  epochs: 3,
  batchSize: 16,
  optimizer: { learningRate: 2e-2, minLearningRate: 2e-2, weightDecay: 0 },
  averageDecay: 0.9,
  dropout: 0.2,
  samples: { sampler: 'ddim', steps: 2, count: 4, grids: 2 },
  checkpoint: { everySteps: 2 },
};
