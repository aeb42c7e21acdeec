import { denoiserSpecs, noiseSchedule, stepForSigma, unetPredictor } from '@vitrine/ml-diffusion';
import { classAttention, logits, patchCount } from '@vitrine/ml-nn';
import {
  Drawer,
  SMOOTHING_STATE,
  smoothingProgram,
  type SmoothedModel,
  type SmoothingFunction,
} from '@vitrine/ml-smoothing';
import { addPrefix, type ProgramExecutor, type RunningProgram } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import type { DenoiserArtifact } from '../denoiser-artifact.js';
import type { ModelArtifact } from '../model-artifact.js';

export interface SmoothingPlan {
  readonly executor: ProgramExecutor;
  readonly model: ModelArtifact;
  readonly denoiser: DenoiserArtifact | undefined;
  readonly sigma: number;
  readonly seed: number;
  /** Draws of one call. */
  readonly batch: number;
  readonly denoising: 'one-shot' | 'multi-step';
  /** Whether it can be attacked through its noise. */
  readonly attacked: boolean;
}

export interface StartedSmoothing {
  readonly program: RunningProgram<SmoothingFunction>;
  readonly drawer: Drawer;
  /** The step of the diffusion whose noise is sigma's. */
  readonly step: number | undefined;
}

/** A classifier under noise, behind a denoiser where there is one. @throws NoiseRangeError when its diffusion does not hold sigma */
export function startSmoothing(plan: SmoothingPlan): StartedSmoothing {
  const { executor, model, denoiser, sigma, seed, batch, denoising: mode, attacked } = plan;
  const schedule = denoiser && noiseSchedule(denoiser.spec.diffusion);
  const step = schedule && stepForSigma(schedule, sigma);
  const { channels, imageSize } = model.spec;
  const program = executor.start(
    smoothingProgram({
      model: smoothedModel(plan),
      weights: {
        ...addPrefix(SMOOTHING_STATE.classifier, parameterSpecs(model.spec)),
        ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiserSpecs(denoiser.spec))),
      },
      noisyShape: [batch, channels, imageSize, imageSize],
      ...(attacked && { attacked: { tokens: patchCount(model.spec) } }),
    }),
  );
  program.writeState({
    ...addPrefix(SMOOTHING_STATE.classifier, model.weights),
    ...(denoiser && addPrefix(SMOOTHING_STATE.denoiser, denoiser.weights)),
  });
  const drawer = new Drawer(program, {
    sigma,
    seed,
    batch,
    ...(schedule && { diffusion: { schedule, mode } }),
  });
  return { program, drawer, step };
}

/** A classifier, with a denoiser before it or none, as it is asked under noise. */
export function smoothedModel({
  model: { spec: config },
  denoiser,
}: Pick<SmoothingPlan, 'model' | 'denoiser'>): SmoothedModel {
  return {
    classify: (params, pixels) => logits({ config, params, frozen: true }, pixels),
    look: (params, pixels) => {
      const { logits_BK, attention_BN } = classAttention({ config, params, frozen: true }, pixels);
      return { logits_DK: logits_BK, attention_DN: attention_BN };
    },
    ...(denoiser && { denoiser: (params) => unetPredictor({ config: denoiser.spec, params }) }),
  };
}
