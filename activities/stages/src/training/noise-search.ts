import * as tf from '@tensorflow/tfjs-core';
import { VitrineError, type HistoryRow } from '@vitrine/contracts';
import { checkSequence, type BatchSequence } from '@vitrine/ml-data';
import { patchCount, type Vit } from '@vitrine/ml-nn';
import {
  frobenius,
  splitVit,
  startingNoise,
  startSynthesis,
  synthesizeNoise,
  tensorsOf,
  type SynthesisSettings,
  type SynthesisState,
} from '@vitrine/ml-nullspace';
import {
  PURPOSE,
  randomBits,
  toHost,
  toTensors,
  type HostTensor,
  type Parameters,
  type StateDict,
} from '@vitrine/ml-tensor';
import { addPrefix, takePrefix } from '../checkpoint-codec.js';
import { openBatchStream } from '../prefetch/batch-stream.js';
import type { History } from './history.js';
import { pixelTensor } from './pixels.js';
import type { Stepper } from './stepper.js';

type RoundRow = Extract<HistoryRow, { event: 'round' }>;

export interface NoiseSearchPlan {
  readonly vit: Vit;
  readonly settings: SynthesisSettings;
  readonly batchSize: number;
  /** The images, with the augmentation and the seed of the stage. */
  readonly images: BatchSequence;
  /** Which noise of the stage this is; each has its own start and its own pass over the images. */
  readonly round: number;
}

/** The search for one noise, which can be stored and taken up again between any two steps. */
export class NoiseSearch {
  private constructor(
    private readonly plan: NoiseSearchPlan,
    private state: SynthesisState,
  ) {}

  static start(plan: NoiseSearchPlan): NoiseSearch {
    const noise = tf.tensor3d(startOf(plan), shapeOf(plan.vit));
    return new NoiseSearch(plan, startSynthesis(noise, plan.settings.mode));
  }

  /**
   * From the arrays of a checkpoint.
   * @throws VitrineError ArtifactCorrupt when there is no noise among them
   */
  static restore(plan: NoiseSearchPlan, arrays: StateDict, step: number): NoiseSearch {
    const { noise } = toTensors(takePrefix('search', arrays));
    if (!noise)
      throw new VitrineError('ArtifactCorrupt', 'The checkpoint lacks an array.', {
        where: 'checkpoint',
        expected: 'search/noise',
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    const moments = (group: string): Parameters => toTensors(takePrefix(group, arrays));
    const optimizer = { m: moments('search.m'), v: moments('search.v') };
    return new NoiseSearch(plan, { noise_1ND: noise as tf.Tensor3D, optimizer, step });
  }

  /** Updates done. */
  get step(): number {
    return this.state.step;
  }

  get noise_1ND(): tf.Tensor3D {
    return this.state.noise_1ND;
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    const { noise_1ND, optimizer } = this.state;
    return {
      ...addPrefix('search', toHost({ noise: noise_1ND })),
      ...addPrefix('search.m', toHost(optimizer.m)),
      ...addPrefix('search.v', toHost(optimizer.v)),
    };
  }

  /** The noise and its start, [1, N, D] each. */
  results(): { readonly encoderNoise: HostTensor; readonly start: HostTensor } {
    const shape = shapeOf(this.plan.vit);
    return {
      encoderNoise: { dtype: 'float32', shape, data: this.noise_1ND.dataSync() as Float32Array },
      start: { dtype: 'float32', shape, data: startOf(this.plan) },
    };
  }

  /**
   * Steps until the noise is ready; every step goes to the history, the noise itself as a row of the event `round`.
   * @throws BatchError when the images do not make one batch
   */
  async run(parts: { readonly history: History; readonly stepper: Stepper }): Promise<RoundRow> {
    const { vit, settings, round } = this.plan;
    const sequence = this.sequence();
    const stream = openBatchStream(sequence, { fromStep: this.step });
    try {
      const search = {
        from: this.state,
        settings,
        nextBatch: async () => pixelTensor(vit.config, (await stream.next()).pixels),
      };
      for await (const { state, ...facts } of synthesizeNoise(splitVit(vit), search)) {
        this.state = state;
        parts.history.push({ event: 'synthesis', round, step: state.step, ...facts });
        const { norm, mseProbs } = facts;
        if (!facts.converged) await parts.stepper.tick(`synthesize ${round + 1}`, { norm, mseProbs });
      }
    } finally {
      await stream.close();
    }
    return this.finish(parts.history);
  }

  dispose(): void {
    tf.dispose(tensorsOf(this.state));
  }

  private finish(history: History): RoundRow {
    const last = history.last('synthesis');
    const row: RoundRow = {
      event: 'round',
      round: this.plan.round,
      synthesisSteps: this.step,
      converged: last?.converged ?? false,
      normAtStart: frobenius(startOf(this.plan)),
      norm: frobenius(this.noise_1ND.dataSync() as Float32Array),
      mseProbs: last?.mseProbs ?? NaN,
    };
    history.push(row);
    return row;
  }

  private sequence(): BatchSequence {
    const { images, batchSize, round } = this.plan;
    const [seed = 0] = randomBits({ seed: images.seed, purpose: PURPOSE.batchChoice, step: round }, 1);
    const sequence = { ...images, batchSize, seed };
    // Refuses a batch that cannot be drawn here, where its error keeps its class.
    checkSequence(sequence);
    return sequence;
  }
}

const shapeOf = ({ config }: Vit): [number, number, number] => [1, patchCount(config), config.width];

function startOf({ vit, settings, images, round }: NoiseSearchPlan): Float32Array {
  const size = { tokens: patchCount(vit.config), width: vit.config.width };
  return startingNoise(size, settings, { seed: images.seed, round });
}
