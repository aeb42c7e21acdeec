/**
 * The faithfulness task of Vision DiffMask at small scale: a ViT that counts red cells, gates for it by a recipe for small
 * models, and how well masks find what the count rests on. Fresh grids throughout; the judged ones are seen by nobody.
 */
import { loadBackend } from '@vitrine/backend';
import {
  countingGrid,
  countingScores,
  GATE_STATE,
  GateSelection,
  GateTrainer,
  releasedOptimizer,
} from '@vitrine/ml-explain';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { addPrefix, takePrefix, type ProgramExecutor, type StateDict } from '@vitrine/ml-tensor';
import { initialTrainingState, trainingProgram } from '@vitrine/ml-training';
import type { BenchOptions } from './bench.js';
import { figure, type Figure } from './figure.js';

const CELLS = { cells: 3, cellSize: 2 };
const BATCH = 64;
const MODEL_STEPS = 1500;
const GATE_STEPS = 3000;
const JUDGED_BATCHES = 62;
/** As the stage: gates are judged ten times on grids of the training, and the best within the tolerance come out. */
const JUDGED_EVERY = 300;
const CHOOSING_BATCHES = 16;
const TOLERANCE = 0.1;
const SEEDS = [0, 1, 2];

const config: VitConfig = {
  ...{ imageSize: 6, patchSize: 2, channels: 3, width: 48, depth: 3, heads: 4, mlpRatio: 4, classes: 10 },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};
const N = CELLS.cells ** 2;

/** Batch `step` of a stream of grids. */
function grids(seed: number, step: number): { pixels: Float32Array; labels: Int32Array; red: Uint8Array } {
  const made = Array.from({ length: BATCH }, (_, index) => countingGrid(CELLS, { seed, step, index }));
  const length = made[0]?.pixels.length ?? 0;
  const batch = {
    pixels: new Float32Array(BATCH * length),
    labels: Int32Array.from(made, ({ label }) => label),
    red: new Uint8Array(BATCH * N),
  };
  made.forEach(({ pixels, red }, i) => {
    batch.pixels.set(pixels, i * length);
    batch.red.set(red, i * N);
  });
  return batch;
}

function trainModel(executor: ProgramExecutor): StateDict {
  const hyper = { beta1: 0.9, beta2: 0.999, labelSmoothing: 0 };
  const program = executor.start(trainingProgram({ config, hyper, batchSize: BATCH, predictionSize: BATCH }));
  program.writeState(initialTrainingState(initVit(config, 1)));
  for (let step = 0; step < MODEL_STEPS; step++) {
    const { pixels, labels } = grids(1, step);
    const rates = adamwRates({ ...hyper, weightDecay: 0.01, learningRate: 1e-3, step: step + 1 });
    program.run('learn', { pixels, labels, rates });
  }
  const weights = takePrefix('params', program.readState());
  program.dispose();
  return weights;
}

function trainGates(executor: ProgramExecutor, weights: StateDict, seed: number): GateTrainer {
  const trainer = GateTrainer.start(
    {
      ...{ executor, config, weights, batchSize: BATCH, seed, balanceDepths: false },
      settings: {
        ...{
          hidden: 48,
          stretch: 5,
          placeholder: 'learned',
          tolerance: TOLERANCE,
          prefix: 'all',
          multipliers: 'shared',
        },
        ...{ multiplierUpdate: 'ascent', passes: 'shared', penalty: 'log-probability', penaliseClass: true },
        ...{ clampLogits: false, multiplierMax: 200, optimizer: releasedOptimizer },
      },
      rates: { gates: 2e-3, placeholder: 1e-2, multiplier: 0.03, warmupSteps: 100 },
    },
    { add: { meanMask: 0.8, pixels: grids(5 + seed, 0).pixels }, multiplier: 1 },
  );
  const selection = new GateSelection(TOLERANCE);
  for (let step = 1; step <= GATE_STEPS; step++) {
    trainer.learn(grids(5 + seed, step - 1).pixels);
    if (step % JUDGED_EVERY > 0) continue;
    const { maps, divergence } = judgeMasks(trainer, { seed: 5 + seed, batches: CHOOSING_BATCHES });
    const kept = maps.reduce((sum, value) => sum + value, 0) / maps.length;
    selection.consider({ step, kept, divergence }, () => trainer.gates());
  }
  if (selection.best) trainer.program.writeState(addPrefix(GATE_STATE.trained, selection.best.gates));
  return trainer;
}

/** Masks of the first grids of a stream, their red cells, and the mean divergence. */
function judgeMasks(
  trainer: GateTrainer,
  { seed, batches }: { readonly seed: number; readonly batches: number },
): { readonly maps: Float32Array; readonly red: Uint8Array; readonly divergence: number } {
  const maps = new Float32Array(batches * BATCH * N);
  const red = new Uint8Array(maps.length);
  let divergence = 0;
  for (let batch = 0; batch < batches; batch++) {
    const { pixels, red: truth } = grids(seed, batch);
    const mask = trainer.program.run('attribute', { pixels })['mask']?.data as Float32Array;
    maps.set(mask, batch * BATCH * N);
    red.set(truth, batch * BATCH * N);
    const found = trainer.program.run('judge', { pixels, mask })['divergence']?.data ?? [];
    for (const value of found) divergence += value / (batches * BATCH);
  }
  return { maps, red, divergence };
}

function* judge(trainer: GateTrainer, name: string): Generator<Figure> {
  const { maps, red, divergence } = judgeMasks(trainer, { seed: 2, batches: JUDGED_BATCHES });
  const { exactMatch, auc } = countingScores(maps, red, N);
  const share = { unit: 'of grids', spread: 0, bar: 'at least 0.99', holds: exactMatch >= 0.99 };
  yield figure(`${name}.exact-match`, exactMatch, share);
  yield figure(`${name}.auc`, auc, { unit: '', spread: 0 });
  const nats = { unit: 'nats', spread: 0, bar: 'at most 0.1', holds: divergence <= 0.1 };
  yield figure(`${name}.divergence`, divergence, nats);
}

export async function* counting(options: BenchOptions): AsyncGenerator<Figure> {
  const { threads, execution, say } = options;
  const { executor } = await loadBackend({ threads, execution, precision: 'float32' });
  say(`a model that counts, ${MODEL_STEPS} steps`);
  const weights = trainModel(executor);
  for (const seed of options.seeds ?? SEEDS) {
    const name = `counting.seed-${seed}`;
    if (!name.includes(options.only)) continue;
    say(`${name}: ${GATE_STEPS} steps of gates`);
    const trainer = trainGates(executor, weights, seed);
    yield* judge(trainer, name);
    trainer.dispose();
  }
}
