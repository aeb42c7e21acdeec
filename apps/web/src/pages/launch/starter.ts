/** What the editor begins with: small enough to end in a minute, and whole enough to be built on. */
export const STARTER = `# Trains a small vision transformer on images that ship with the project, judges it, and reports.
version: 1
name: first
seed: 1

stages:
  train:
    kind: train
    params:
      epochs: 2
      batchSize: 64

  judge:
    kind: evaluate
    inputs: { model: train.model }

  report:
    kind: report
    params: { title: A first run }
    inputs:
      histories: { trained: train.history }
      evaluations: { trained: judge.evaluation }
`;
