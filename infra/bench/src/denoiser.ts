/** A denoiser's training step, sampling step and certification draws beside PyTorch, on the same U-Net and ViT. */
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coefficientRows, exactRow, noiseSchedule, stepForSigma } from '@vitrine/ml-diffusion';
import { exportUnet, unetParameterShapes, vitParameterShapes } from '@vitrine/ml-nn';
import {
  addPrefix,
  encodeSafetensors,
  normal,
  PURPOSE,
  sizeOfShape,
  uniform,
  type HostTensor,
  type StateDict,
} from '@vitrine/ml-tensor';
import type { BenchOptions } from './bench.js';
import { beside } from './beside.js';
import {
  DENOISER_HYPER,
  DIFFUSION,
  SIGMA,
  UNET,
  VIT,
  type DenoiserCase,
  type DenoiserTask,
} from './denoiser-case.js';
import type { Figure } from './figure.js';
import { sidesOf } from './sides.js';

const BATCH = 16;
const SEED = 1;

const WORK: Readonly<Record<DenoiserTask, string>> = {
  train: 'images/s',
  sample: 'image steps/s',
  certify: 'draws/s',
};

export async function* denoiser(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads, execution, quick } = options;
  const sides = await sidesOf('denoiser');
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const inputs = join(folder, 'inputs.safetensors');
    await writeFile(inputs, encodeSafetensors(sharedInputs()));
    for (const task of Object.keys(WORK) as DenoiserTask[]) {
      const name = `denoiser.${task}.b${BATCH}`;
      if (!name.includes(options.only)) continue;
      options.say(`${name}: beside PyTorch`);
      const place = { device, threads, execution };
      const given: DenoiserCase = {
        ...place,
        task,
        precision: 'float32',
        compiled: false,
        unet: UNET,
        vit: VIT,
        batch: BATCH,
        sigma: SIGMA,
        hyper: DENOISER_HYPER,
        inputs,
      };
      const agreement = { group: task, tolerance: 2e-4 };
      const pair = [
        { name: 'ours', program: sides.ours(place), case: given, agreement },
        { name: 'PyTorch', program: sides.torch(place), case: given, agreement },
      ] as const;
      const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 9, turnSeconds: 1 };
      yield* beside(name, pair, { rounds, work: BATCH, unit: WORK[task] });
    }
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Weights far from their start, so that every one counts in what both sides agree on; images, noise, steps. */
function sharedInputs(): StateDict {
  const drawn = (shapes: Readonly<Record<string, readonly number[]>>, purpose: number): StateDict =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape], index): [string, HostTensor] => {
        const centre = shape.length === 1 && name.endsWith('.weight') ? 1 : 0;
        const data = normal({ seed: SEED, purpose, index }, sizeOfShape(shape));
        return [name, { dtype: 'float32', shape, data: data.map((z) => centre + 0.05 * z) }];
      }),
    );
  const image = [BATCH, UNET.channels, UNET.imageSize, UNET.imageSize];
  const schedule = noiseSchedule(DIFFUSION);
  const times = Array.from({ length: BATCH }, (_, i) => ({ t: 1 + i * 60 }));
  const exact = exactRow(schedule, { t: stepForSigma(schedule, SIGMA), sigma: SIGMA });
  return {
    ...addPrefix('unet', exportUnet(drawn(unetParameterShapes(UNET), PURPOSE.initialisation))),
    ...addPrefix('vit', drawn(vitParameterShapes(VIT), PURPOSE.shuffle)),
    pixels: {
      dtype: 'float32',
      shape: image,
      data: uniform({ seed: SEED, purpose: PURPOSE.augmentation }, sizeOfShape(image)),
    },
    noise: {
      dtype: 'float32',
      shape: image,
      data: normal({ seed: SEED, purpose: PURPOSE.gaussian }, sizeOfShape(image)),
    },
    rows: { dtype: 'float32', shape: [BATCH, 8], data: coefficientRows(schedule, times) },
    exact: { dtype: 'float32', shape: [8], data: exact },
  };
}
