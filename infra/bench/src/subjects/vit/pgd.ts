import * as tf from '@tensorflow/tfjs-core';
import { pgd, vitClassifier } from '@vitrine/ml-attacks';
import { crossEntropy } from '@vitrine/ml-training';
import type { Task } from '../serve.js';
import type { Setting } from './setting.js';

export function pgdTask({ case: { attack }, vit, batch }: Setting): Task {
  const classifier = vitClassifier(vit);
  let seed = 0;
  const attacked = (randomStart: boolean): tf.Tensor4D =>
    pgd(classifier, batch, { ...attack, restarts: 1, seed: (seed += 1), index: 0, randomStart });
  const lossOf = (pixels_BCHW: tf.Tensor4D): number =>
    tf.tidy(() => crossEntropy(classifier(pixels_BCHW), batch.labels_B, 0).dataSync()[0] ?? NaN);
  return {
    run: () => {
      const pixels_BCHW = attacked(true);
      pixels_BCHW.dataSync();
      pixels_BCHW.dispose();
    },
    checks: () => {
      const pixels_BCHW = attacked(false);
      const images = pixels_BCHW.shape[0];
      const checks = [
        { name: 'loss of the clean images', values: [images * lossOf(batch.pixels_BCHW)] },
        { name: 'loss of the attacked images', values: [images * lossOf(pixels_BCHW)] },
      ];
      pixels_BCHW.dispose();
      return checks;
    },
  };
}
