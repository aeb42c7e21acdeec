/**
 * Prints how long an optimizer step takes on one device and on two. It must lie beside the program of further devices:
 *
 *     cd activities/stages
 *     node ../../infra/build/bundle.mjs src/testing/print-device-scaling.ts dist/print-device-scaling.mjs
 *     TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 node dist/print-device-scaling.mjs '{"batch":32,"rounds":5}'
 */
import { processEnvironment, readConfig } from '@vitrine/config';
import { vitSpecSchema } from '@vitrine/contracts';
import { initVit } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import { initialTrainingState } from '@vitrine/ml-training';
import { startBackend } from '../job/start-backend.js';
import { startSteps, type StepsPlan } from '../training/optimizer-steps.js';

const { batch, rounds } = JSON.parse(process.argv[2] ?? '{}') as { batch: number; rounds: number };
const environment = processEnvironment();
const threads = Number(environment['TF_NUM_INTRAOP_THREADS']);
const { executor, profile } = await startBackend(readConfig(environment), {
  threads,
  precision: 'float32',
  execution: 'captured',
});
const config = vitSpecSchema.parse({ imageSize: 32, patchSize: 4, width: 192, depth: 12, heads: 3 });
const hyper = { beta1: 0.9, beta2: 0.999, labelSmoothing: 0.1 };
const input = {
  batch: {
    pixels: uniform({ seed: 1, purpose: PURPOSE.batchChoice }, batch * 3 * 32 * 32),
    labels: Int32Array.from({ length: batch }, (_, image) => image % 10),
  },
  rates: adamwRates({ ...hyper, weightDecay: 0.05, learningRate: 1e-3, step: 1 }),
  noise: undefined,
  lossScale: 1,
};
const plan: StepsPlan = {
  ...{ executor, profile, config, hyper, batchSize: batch, microBatch: batch / 2 },
  otherDevices: [],
  predictionSize: 1,
};
const state = initialTrainingState(initVit(config, 1));
const [one, two] = [startSteps(plan, state), startSteps({ ...plan, otherDevices: [environment] }, state)];
const seconds: [number[], number[]] = [[], []];
for (let round = -1; round < rounds; round += 1)
  for (const [index, steps] of [one, two].entries()) {
    const began = performance.now();
    await steps.take({ ...input, step: round + 1 });
    if (round >= 0) seconds[index]?.push((performance.now() - began) / 1000);
  }
one.dispose();
two.dispose();
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const [alone, together] = seconds.map(median) as [number, number];
process.stdout.write(
  `${JSON.stringify({ threads, batch, oneDevice: alone, twoDevices: together, times: alone / together })}\n`,
);
