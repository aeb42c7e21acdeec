import * as tf from '@tensorflow/tfjs-core';
import { processEnvironment, readConfig } from '@vitrine/config';
import { VitrineError, type ModelFacts, type PackagedArchitecture } from '@vitrine/contracts';
import type { Classifier } from '@vitrine/ml-attacks';
import { findArchitecture, type FoundArchitecture } from '@vitrine/packages';
import { formatShape, type Parameters } from '@vitrine/ml-tensor';

/** A model as code of a package computes it. */
export interface PackagedModel {
  readonly facts: ModelFacts;
  /** Shape of each of the weights. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly classifier: (weights: Parameters) => Classifier;
}

/**
 * The architecture of a package on this machine.
 * @throws VitrineError CodeVersionMismatch when the package is not the one that the run was planned with
 */
export async function packagedModel(asked: PackagedArchitecture): Promise<PackagedModel> {
  const { packages } = readConfig(processEnvironment());
  const where = `model ${asked.uses}`;
  const { sha256, architecture } = await findArchitecture(packages, asked, where);
  if (sha256 !== asked.resolved?.sha256)
    throw new VitrineError('CodeVersionMismatch', 'The run was planned for another version of a package.', {
      where,
      expected: `package with sha256 ${asked.resolved?.sha256 ?? 'written at submit'}`,
      actual: sha256,
      hint: 'Install the version that the run was planned with on the workers of the pool.',
    });
  const { weights: shapes, logits: _code, ...facts } = architecture;
  return { facts, shapes, classifier: classifierOf(asked.uses, architecture) };
}

function classifierOf(
  uses: string,
  { logits, classes }: FoundArchitecture['architecture'],
): PackagedModel['classifier'] {
  return (weights) => (pixels) => {
    const given = logits({ tf, weights, pixels });
    const expected = [pixels.shape[0], classes];
    if (given instanceof tf.Tensor && formatShape(given.shape) === formatShape(expected))
      return given as tf.Tensor2D;
    throw new VitrineError('ShapeMismatch', 'The model of a package gave no logits.', {
      where: `model ${uses}`,
      expected: `a tensor ${formatShape(expected)}`,
      actual: given instanceof tf.Tensor ? formatShape(given.shape) : typeof given,
    });
  };
}
