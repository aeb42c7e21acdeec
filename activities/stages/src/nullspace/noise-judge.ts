import type { ImageSet } from '@vitrine/datasets';
import { imageBatch } from '@vitrine/ml-data';
import { patchCount } from '@vitrine/ml-nn';
import { INFLUENCE_MEASURES, influenceProgram, splitVit, type InfluenceMeasure } from '@vitrine/ml-nullspace';
import type { ProgramExecutor, RunningProgram } from '@vitrine/ml-tensor';
import { parameterSpecs, pixelSpec } from '@vitrine/ml-training';
import type { ModelArtifact } from '../model-artifact.js';

export type Influence = Record<InfluenceMeasure, number>;

export interface NoiseJudgeOptions {
  readonly executor: ProgramExecutor;
  readonly model: ModelArtifact;
  readonly images: ImageSet;
  /** Images a call. */
  readonly batchSize: number;
  /** Noises a call. */
  readonly noisesAtOnce: number;
}

/** Measures what noises [N, D] do to the outputs of one model on all images of a set. */
export class NoiseJudge {
  private readonly program: RunningProgram<'measure'>;
  private readonly noiseLength: number;

  constructor(private readonly options: NoiseJudgeOptions) {
    const { model, executor, batchSize, noisesAtOnce } = options;
    const config = model.spec;
    this.noiseLength = patchCount(config) * config.width;
    this.program = executor.start(
      influenceProgram({
        weights: parameterSpecs(config),
        model: (params) => splitVit({ config, params }),
        noiseShape: [noisesAtOnce, patchCount(config), config.width],
        pixelShape: pixelSpec(config, batchSize).shape,
      }),
    );
    this.program.writeState(model.weights);
  }

  /** Calls of the program that so many noises take. */
  calls(noises: number): number {
    const { images, batchSize, noisesAtOnce } = this.options;
    return Math.ceil(noises / noisesAtOnce) * Math.ceil(images.count / batchSize);
  }

  /**
   * The measures of each noise, in their order.
   * @param onCall after every call
   */
  async influence(
    noises: readonly Float32Array[],
    onCall: () => Promise<void>,
  ): Promise<readonly Influence[]> {
    const { images, batchSize, noisesAtOnce } = this.options;
    const sums = noises.map(() => INFLUENCE_MEASURES.map(() => 0));
    for (let first = 0; first < noises.length; first += noisesAtOnce) {
      const group = noises.slice(first, first + noisesAtOnce);
      const together = new Float32Array(noisesAtOnce * this.noiseLength);
      group.forEach((noise, m) => together.set(noise, m * this.noiseLength));
      for (let image = 0; image < images.count; image += batchSize) {
        const count = Math.min(batchSize, images.count - image);
        const { pixels } = imageBatch(images, image, { count, size: batchSize });
        const outputs = this.program.run('measure', {
          pixels,
          weights: new Float32Array(batchSize).fill(1, 0, count),
          noises: together,
        });
        INFLUENCE_MEASURES.forEach((measure, at) => {
          group.forEach((_, m) => {
            const row = sums[first + m] as number[];
            row[at] = (row[at] ?? 0) + (outputs[measure]?.data[m] ?? NaN);
          });
        });
        await onCall();
      }
    }
    return sums.map(
      (row) =>
        Object.fromEntries(
          INFLUENCE_MEASURES.map((measure, at) => [measure, (row[at] ?? NaN) / images.count]),
        ) as Influence,
    );
  }

  dispose(): void {
    this.program.dispose();
  }
}
