import type { certifiedExampleSchema, StageParams } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { noiseSchedule, stepForSigma, unetPredictor, denoiserSpecs } from '@vitrine/ml-diffusion';
import { classAttention, logits } from '@vitrine/ml-nn';
import {
  certifyImage,
  checkPixels,
  Drawer,
  faithfulRadius,
  SMOOTHING_STATE,
  smoothingProgram,
  type CertifiedImage,
  type CertifyPlan,
  type DrawnImage,
  type SmoothedModel,
  type SmoothingFunction,
} from '@vitrine/ml-smoothing';
import { addPrefix, type ProgramExecutor, type RunningProgram } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import type { z } from 'zod';
import type { DenoiserArtifact } from '../denoiser-artifact.js';
import type { ModelArtifact } from '../model-artifact.js';
import { StabilityProbe } from './stability-probe.js';

export type CertifiedExample = z.infer<typeof certifiedExampleSchema>;

export interface CertifierPlan {
  readonly executor: ProgramExecutor;
  readonly model: ModelArtifact;
  readonly denoiser: DenoiserArtifact | undefined;
  readonly params: StageParams<'certify'>;
  readonly seed: number;
}

/** A risk of giving up an image that would have been certified, where `abstention` is `likely`. */
const LIKELY_RISK = 0.001;

/** An example, and its attention where that was asked for. */
export interface Certified {
  readonly example: CertifiedExample;
  readonly attention: Float32Array | undefined;
}

/** Certifies images one by one; what comes out for an image depends on the image, its number and the seed alone. */
export class Certifier {
  /** The step of the diffusion whose noise is sigma's. */
  readonly step: number | undefined;
  private readonly program: RunningProgram<SmoothingFunction>;
  private readonly drawer: Drawer;
  private readonly probe: StabilityProbe | undefined;

  /** @throws NoiseRangeError when the denoiser's diffusion does not hold sigma */
  constructor(private readonly plan: CertifierPlan) {
    const { executor, model, denoiser, params, seed } = plan;
    const { sigma, batchSize: batch, denoising: mode } = params;
    const schedule = denoiser && noiseSchedule(denoiser.spec.diffusion);
    this.step = schedule && stepForSigma(schedule, sigma);
    const { channels, imageSize } = model.spec;
    this.program = executor.start(
      smoothingProgram({
        model: smoothedModel(plan),
        weights: {
          ...addPrefix(SMOOTHING_STATE.classifier, parameterSpecs(model.spec)),
          ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiserSpecs(denoiser.spec))),
        },
        noisyShape: [batch, channels, imageSize, imageSize],
      }),
    );
    this.program.writeState({
      ...addPrefix(SMOOTHING_STATE.classifier, model.weights),
      ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiser.weights)),
    });
    this.drawer = new Drawer(this.program, {
      sigma,
      seed,
      batch,
      ...(schedule && { diffusion: { schedule, mode } }),
    });
    this.probe = params.stability && new StabilityProbe(plan, this.drawer);
  }

  /** @param onBatch called after every batch of draws */
  async certify(images: ImageSet, index: number, onBatch: () => Promise<void>): Promise<Certified> {
    const { pixels } = imageSlice(images, index, 1);
    checkPixels(pixels);
    const image = { index, pixels };
    const label = images.labels[index] ?? 0;
    const work = certifyImage(this.drawer, image, planOf(this.plan));
    const result = await stepwise(work, onBatch);
    const stability = this.probe && (await stepwise(this.probe.measure(image, label), onBatch));
    return { example: exampleOf(result, { index, label, stability }), attention: result.attention?.mean };
  }

  dispose(): void {
    this.program.dispose();
    this.probe?.dispose();
  }
}

async function stepwise<T>(work: Generator<void, T, void>, onStep: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await onStep();
  }
}

/** A classifier, with a denoiser before it or none, as it is asked under noise. */
export function smoothedModel({
  model: { spec: config },
  denoiser,
}: Pick<CertifierPlan, 'model' | 'denoiser'>): SmoothedModel {
  return {
    classify: (params, pixels) => logits({ config, params, frozen: true }, pixels),
    look: (params, pixels) => {
      const { logits_BK, attention_BN } = classAttention({ config, params, frozen: true }, pixels);
      return { logits_DK: logits_BK, attention_DN: attention_BN };
    },
    ...(denoiser && { denoiser: (params) => unetPredictor({ config: denoiser.spec, params }) }),
  };
}

function planOf({ params, model }: CertifierPlan): CertifyPlan & { classes: number } {
  const { sigma, alpha, selection, draws, batchSize: batch, abstention, attention } = params;
  const share = attention ? alpha / 2 : alpha;
  return {
    sigma,
    alpha: share,
    selection,
    draws,
    batch,
    abstention: abstention === 'likely' ? { risk: LIKELY_RISK } : abstention,
    ...(attention && { attention: { ...attention, alpha: share } }),
    classes: model.spec.classes,
  };
}

/** JSON has no infinity: it stands for a claim that nothing can break. */
const finite = (radius: number): number | null => (Number.isFinite(radius) ? radius : null);

function exampleOf(
  { certificate, prediction, drawn, renyi, attention }: CertifiedImage,
  { index, label, stability }: Pick<DrawnImage, 'index'> & Pick<CertifiedExample, 'label' | 'stability'>,
): CertifiedExample {
  const given = certificate.outcome === 'certified' ? certificate : undefined;
  const radius = given?.radius ?? 0;
  return {
    idx: index,
    label,
    predict: given?.label ?? -1,
    radius,
    correct: given?.label === label,
    draws: drawn,
    probability: given?.probability ?? 0,
    renyi,
    voted: prediction.label ?? -1,
    pValue: prediction.pValue,
    ...(attention && {
      attention: {
        top: [...attention.top],
        radius: finite(attention.radius),
        faithful: faithfulRadius({ prediction: radius, attention: [attention.radius] }),
        estimates: {
          renyi: finite(attention.estimates.renyi),
          lipschitz: finite(attention.estimates.lipschitz),
        },
      },
    }),
    ...(stability && { stability }),
  };
}
