/** Our side of `denoiser`; PyTorch's is `../../peers/denoiser.py`. */
import { readFile } from 'node:fs/promises';
import { loadBackend } from '@vitrine/backend';
import {
  averageShare,
  denoiserProgram,
  denoiserSpecs,
  initialDenoiserState,
  MEAN_WEIGHTS,
  noiseSchedule,
  samplingProgram,
  unetPredictor,
} from '@vitrine/ml-diffusion';
import { classAttention, importUnet, logits } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { complete, Drawer, SMOOTHING_STATE, smoothingProgram } from '@vitrine/ml-smoothing';
import {
  addPrefix,
  decodeSafetensors,
  takePrefix,
  type HostTensor,
  type ProgramExecutor,
  type StateDict,
} from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import { DIFFUSION, type DenoiserCase } from '../denoiser-case.js';
import { serve, type Task } from './serve.js';

interface Setting {
  readonly given: DenoiserCase;
  readonly executor: ProgramExecutor;
  readonly state: StateDict;
}

const BETAS = { beta1: 0.9, beta2: 0.999 };
const array = ({ state }: Setting, name: string): Float32Array =>
  (state[name] as HostTensor).data as Float32Array;

function trainTask(setting: Setting): Task {
  const { given, executor, state } = setting;
  const program = executor.start(
    denoiserProgram({
      config: given.unet,
      steps: DIFFUSION.steps,
      hyper: BETAS,
      dropout: 0,
      batchSize: given.batch,
      sampleCount: given.batch,
    }),
  );
  program.writeState(initialDenoiserState(importUnet(given.unet, takePrefix('unet', state))));
  const [pixels, noise, rows] = ['pixels', 'noise', 'rows'].map((name) => array(setting, name)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  let step = 0;
  const run = (): number => {
    step += 1;
    const rates = adamwRates({ ...BETAS, learningRate: given.hyper.learningRate, weightDecay: 0, step });
    const { loss } = program.run('learn', { pixels, noise, rows, rates });
    program.run('average', { share: Float32Array.of(averageShare(given.hyper.averageDecay, step)) });
    return loss?.data[0] ?? NaN;
  };
  return {
    run,
    checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }],
  };
}

function sampleTask(setting: Setting): Task {
  const { given, executor, state } = setting;
  const program = executor.start(samplingProgram(given.unet, given.batch));
  program.writeState(addPrefix(MEAN_WEIGHTS, importUnet(given.unet, takePrefix('unet', state))));
  const [noise, rows] = [array(setting, 'noise'), array(setting, 'rows')];
  const run = (): number[] => {
    const outputs = program.run('ancestral', { pixels: noise, draws: noise, rows });
    return [...(outputs['pixels']?.data.subarray(0, 16) ?? [])];
  };
  return { run, checks: () => [{ name: 'the first pixels a step back', values: run() }] };
}

function certifyTask(setting: Setting): Task {
  const { given, executor, state } = setting;
  const { vit: config, unet, batch, sigma } = given;
  const program = executor.start(
    smoothingProgram({
      model: {
        classify: (params, pixels) => logits({ config, params, frozen: true }, pixels),
        look: (params, pixels) => {
          const { logits_BK, attention_BN } = classAttention({ config, params, frozen: true }, pixels);
          return { logits_DK: logits_BK, attention_DN: attention_BN };
        },
        denoiser: (params) => unetPredictor({ config: unet, params }),
      },
      weights: {
        ...addPrefix(SMOOTHING_STATE.classifier, parameterSpecs(config)),
        ...addPrefix(SMOOTHING_STATE.denoiser, denoiserSpecs(unet)),
      },
      noisyShape: [batch, unet.channels, unet.imageSize, unet.imageSize],
    }),
  );
  program.writeState({
    ...addPrefix(SMOOTHING_STATE.classifier, takePrefix('vit', state)),
    ...addPrefix(SMOOTHING_STATE.denoiser, importUnet(unet, takePrefix('unet', state))),
  });
  const schedule = noiseSchedule(DIFFUSION);
  const drawer = new Drawer(program, { sigma, seed: 1, batch, diffusion: { schedule, mode: 'one-shot' } });
  const stride = array(setting, 'pixels').length / batch;
  const image = { index: 0, pixels: array(setting, 'pixels').slice(0, stride) };
  let first = 0;
  return {
    run: () => void complete(drawer.labels(image, { first: (first += batch), count: batch })),
    checks: () => {
      const exact = array(setting, 'exact');
      const [signal = NaN, noise = NaN] = exact;
      const noisy = array(setting, 'noise').map(
        (z, i) => signal * (2 * (image.pixels[i % stride] ?? 0) - 1) + noise * z,
      );
      const rows = Float32Array.from(
        { length: batch * exact.length },
        (_, i) => exact[i % exact.length] ?? 0,
      );
      const asTheyAre = { mix: Float32Array.of(1, 0, 0), stream: new Int32Array(6) };
      const outputs = program.run('look', { images: noisy, rows, ...asTheyAre });
      return [
        {
          name: 'logits of the first draw',
          values: [...(outputs['logits']?.data.subarray(0, config.classes) ?? [])],
        },
      ];
    },
  };
}

const TASKS = { train: trainTask, sample: sampleTask, certify: certifyTask };

await serve(async (request) => {
  const given = request as DenoiserCase;
  const { executor } = await loadBackend(given);
  const { state } = decodeSafetensors(await readFile(given.inputs));
  const setting = { given, executor, state };
  return TASKS[given.task](setting);
});
