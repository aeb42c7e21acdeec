import { VitrineError, type ErrorCode, type ErrorDetails } from '@vitrine/contracts';
import { BatchError } from '@vitrine/ml-data';
import { NoiseRangeError } from '@vitrine/ml-diffusion';
import { WeightsError } from '@vitrine/ml-nn';
import { NonFiniteLogitsError, PixelScaleError } from '@vitrine/ml-smoothing';
import { SafetensorsError, ShapeError } from '@vitrine/ml-tensor';
import { NonFiniteError } from '@vitrine/ml-training';

/**
 * An error of the ML core, which knows nothing of our codes, as one of the closed list; others come back as they are.
 * @param where the stage or file at fault
 */
export function fromMlError(error: unknown, where: string): unknown {
  const found = classify(error);
  if (!found || !(error instanceof Error)) return error;
  const { code, what, ...details } = found;
  return new VitrineError(code, what, {
    ...details,
    where: details.where ? `${where}, ${details.where}` : where,
    cause: error,
  });
}

function classify(error: unknown): (ErrorDetails & { code: ErrorCode; what: string }) | undefined {
  if (error instanceof ShapeError)
    return {
      code: 'ShapeMismatch',
      what: 'A tensor has not the shape that is needed.',
      where: error.where,
      expected: error.expected,
      actual: error.actual,
    };
  if (error instanceof WeightsError)
    return {
      code: 'WeightsMismatch',
      what: 'The weights do not fit the architecture.',
      expected: 'every parameter of the architecture and no other',
      actual: error.message,
    };
  if (error instanceof SafetensorsError)
    return {
      code: 'ArtifactCorrupt',
      what: 'The file is not valid safetensors.',
      where: `${error.where} at byte ${error.offset}`,
      ...error.problem,
    };
  if (error instanceof NonFiniteError)
    return {
      code: 'NonFiniteLoss',
      what: 'Training left the finite numbers.',
      where: `step ${error.step}`,
      expected: 'a finite loss and gradient',
      actual: `loss ${error.loss}, gradient norm ${error.gradientNorm}`,
    };
  if (error instanceof NoiseRangeError)
    return {
      code: 'InvalidSpec',
      what: "The denoiser's diffusion does not hold this much noise.",
      where: 'params.sigma',
      expected: error.expected,
      actual: error.actual,
    };
  if (error instanceof PixelScaleError)
    return {
      code: 'DatasetCorrupt',
      what: 'The images are on another scale.',
      where: 'pixels',
      expected: 'values in [0, 1]',
      actual: error.actual,
      hint: 'Give pixels as bytes, or as numbers from 0 to 1: sigma is a share of that range.',
    };
  if (error instanceof NonFiniteLogitsError)
    return {
      code: 'NonFiniteLoss',
      what: 'The classifier gave logits that are no numbers.',
      where: `image ${error.image}, draws from ${error.draws.first}`,
      expected: 'finite logits',
      actual: 'a logit that is not finite',
      hint: 'Look at the weights of the model and of the denoiser.',
    };
  if (error instanceof BatchError)
    return {
      code: 'InvalidSpec',
      what: 'The images do not make one batch.',
      where: error.where,
      expected: error.expected,
      actual: error.actual,
    };
  return undefined;
}
