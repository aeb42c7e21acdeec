import {
  attentionClaimProblem,
  VitrineError,
  type certifiedExampleSchema,
  type StageParams,
} from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { patchCount } from '@vitrine/ml-nn';
import {
  certifyImage,
  checkPixels,
  faithfulRadius,
  toLInfinity,
  type CertifiedImage,
  type CertifyPlan,
  type Drawer,
  type DrawnImage,
  type SmoothingFunction,
} from '@vitrine/ml-smoothing';
import type { ProgramExecutor, RunningProgram } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import type { DenoiserArtifact } from '../denoiser-artifact.js';
import type { ModelArtifact } from '../model-artifact.js';
import { startSmoothing } from './smoothed-program.js';
import { stepwise } from '../stepwise.js';

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

  /** @throws NoiseRangeError when the denoiser's diffusion does not hold sigma, VitrineError InvalidSpec */
  constructor(private readonly plan: CertifierPlan) {
    checkClaim(plan);
    const { sigma, batchSize: batch, denoising } = plan.params;
    const started = startSmoothing({ ...plan, sigma, batch, denoising, attacked: false });
    this.step = started.step;
    this.program = started.program;
    this.drawer = started.drawer;
  }

  /** @param onBatch called after every batch of draws */
  async certify(images: ImageSet, index: number, onBatch: () => Promise<void>): Promise<Certified> {
    const { pixels } = imageSlice(images, index, 1);
    checkPixels(pixels);
    const image = { index, pixels };
    const label = images.labels[index] ?? 0;
    const work = certifyImage(this.drawer, image, planOf(this.plan));
    const result = await stepwise(work, onBatch);
    return {
      example: exampleOf(result, { index, label, entries: pixels.length }),
      attention: result.attention?.mean,
    };
  }

  dispose(): void {
    this.program.dispose();
  }
}

/** What a pipeline says of its model is checked at submit; here, where the model comes from elsewhere. */
function checkClaim({ params: { attention, alpha }, model: { spec } }: CertifierPlan): void {
  const problem =
    attention && attentionClaimProblem(attention, { tokens: patchCount(spec), alpha: alpha / 2 });
  if (!problem) return;
  throw new VitrineError('InvalidSpec', 'Attention cannot be certified like this.', {
    where: `params.attention.${problem.path.join('.')}`,
    actual: problem.message,
  });
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
  {
    index,
    label,
    entries,
  }: Pick<DrawnImage, 'index'> & Pick<CertifiedExample, 'label'> & { entries: number },
): CertifiedExample {
  const given = certificate.outcome === 'certified' ? certificate : undefined;
  const radius = given?.radius ?? 0;
  const faithful = attention && faithfulRadius({ prediction: radius, attention: [attention.radius] });
  return {
    idx: index,
    label,
    predict: given?.label ?? -1,
    radius,
    correct: given?.label === label,
    draws: drawn,
    probability: given?.probability ?? 0,
    renyi,
    linf: toLInfinity(radius, entries),
    voted: prediction.label ?? -1,
    pValue: prediction.pValue,
    ...(attention &&
      faithful !== undefined && {
        attention: {
          top: [...attention.top],
          radius: finite(attention.radius),
          faithful,
          faithfulLinf: toLInfinity(faithful, entries),
          estimates: {
            renyi: finite(attention.estimates.renyi),
            lipschitz: finite(attention.estimates.lipschitz),
          },
        },
      }),
  };
}
