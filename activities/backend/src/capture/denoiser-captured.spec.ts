import { denoiserProgram, initialDenoiserState, noiseSchedule, trainingDraws } from '@vitrine/ml-diffusion';
import { initUnet, type UnetConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { eagerExecutor, PURPOSE, randomStream, uniform, type ProgramExecutor } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { graphExecutor } from './graph-executor.js';

const config: UnetConfig = {
  imageSize: 8,
  channels: 3,
  width: 8,
  multipliers: [1, 2],
  blocks: 1,
  attentionSizes: [],
  heads: 2,
  headWidth: 0,
  groups: 4,
  scaleShift: true,
  resampleBlocks: false,
  learnedVariance: true,
  classes: 0,
};
const schedule = noiseSchedule({ schedule: 'cosine', steps: 50, rescaleTime: true });
const IMAGES = 4;
const STRIDE = 192;

function threeSteps(executor: ProgramExecutor): { losses: number[]; pixels: Float32Array } {
  const program = executor.start(
    denoiserProgram({
      config,
      steps: 50,
      hyper: { beta1: 0.9, beta2: 0.999 },
      dropout: 0.2,
      batchSize: IMAGES,
      sampleCount: IMAGES,
    }),
  );
  program.writeState(initialDenoiserState(initUnet(config, 1)));
  const pixels = uniform({ seed: 1, purpose: 96 }, IMAGES * STRIDE);
  const losses = [1, 2, 3].map((step) => {
    const draws = trainingDraws(schedule, { seed: 1, step, images: IMAGES, stride: STRIDE });
    const rates = adamwRates({ step, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, weightDecay: 0 });
    const dropout = randomStream({ seed: 1, purpose: PURPOSE.dropout, step });
    const { loss } = program.run('learn', { pixels, ...draws, rates, dropout });
    program.run('average', { share: Float32Array.of(0.5) });
    return loss?.data[0] ?? NaN;
  });
  const { rows, noise } = trainingDraws(schedule, { seed: 2, step: 9, images: IMAGES, stride: STRIDE });
  const back = program.run('ancestral', { pixels: noise, draws: noise, rows });
  program.dispose();
  return { losses, pixels: back['pixels']?.data as Float32Array };
}

describe('a denoiser as a graph', () => {
  it('learns, averages and samples as it does operation by operation', () => {
    const [graph, eager] = [threeSteps(graphExecutor()), threeSteps(eagerExecutor)];
    graph.losses.forEach((loss, i) => expect(loss / (eager.losses[i] ?? NaN)).toBeCloseTo(1, 4));
    graph.pixels.forEach((value, i) => expect(value).toBeCloseTo(eager.pixels[i] ?? NaN, 3));
  });
});
