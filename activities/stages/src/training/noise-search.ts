import { VitrineError, type HistoryRow } from '@vitrine/contracts';
import { checkSequence, type BatchSequence } from '@vitrine/ml-data';
import { patchCount, type VitConfig } from '@vitrine/ml-nn';
import {
  frobenius,
  initialSearchState,
  NOISE_ENTRY,
  searchEntries,
  splitVit,
  startingNoise,
  synthesisProgram,
  synthesizeNoise,
  weightsState,
  type SynthesisSettings,
} from '@vitrine/ml-nullspace';
import {
  PURPOSE,
  randomBits,
  type HostTensor,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { parameterSpecs, pixelSpec } from '@vitrine/ml-training';
import { openBatchStream } from '../prefetch/batch-stream.js';
import type { History } from './history.js';
import type { Stepper } from './stepper.js';

type RoundRow = Extract<HistoryRow, { event: 'round' }>;

export interface NoiseSearchPlan {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  /** Of the model; it does not change. */
  readonly weights: StateDict;
  readonly settings: SynthesisSettings;
  readonly batchSize: number;
  /** The images, with the augmentation and the seed of the stage. */
  readonly images: BatchSequence;
  /** Which noise of the stage this is; each has its own start and its own pass over the images. */
  readonly round: number;
}

/** The search for one noise, which can be stored and taken up again between any two steps. */
export class NoiseSearch {
  private readonly program: RunningProgram<'search'>;

  private constructor(
    private readonly plan: NoiseSearchPlan,
    state: StateDict,
    private stepsDone: number,
  ) {
    const { config, weights, settings, batchSize } = plan;
    this.program = plan.executor.start(
      synthesisProgram({
        weights: parameterSpecs(config),
        model: (params) => splitVit({ config, params }),
        noiseShape: shapeOf(config),
        pixelShape: pixelSpec(config, batchSize).shape,
        settings,
      }),
    );
    this.program.writeState({ ...weightsState(weights), ...state });
  }

  static start(plan: NoiseSearchPlan): NoiseSearch {
    return new NoiseSearch(plan, initialSearchState(startOf(plan), plan.settings.mode), 0);
  }

  /**
   * From the arrays of a checkpoint.
   * @throws VitrineError ArtifactCorrupt when one of the search's is not among them
   */
  static restore(plan: NoiseSearchPlan, arrays: StateDict, step: number): NoiseSearch {
    const state = searchEntries(plan.settings).map((name) => {
      const array = arrays[name];
      if (array) return [name, array] as const;
      throw new VitrineError('ArtifactCorrupt', 'The checkpoint lacks an array.', {
        where: 'checkpoint',
        expected: name,
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    });
    return new NoiseSearch(plan, Object.fromEntries(state), step);
  }

  /** Updates done. */
  get step(): number {
    return this.stepsDone;
  }

  /** The noise as it is, [1, N, D]. */
  noise(): HostTensor {
    return this.program.readState([NOISE_ENTRY])[NOISE_ENTRY] as HostTensor;
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return this.program.readState(searchEntries(this.plan.settings));
  }

  /** The noise and its start, [1, N, D] each. */
  results(): { readonly encoderNoise: HostTensor; readonly start: HostTensor } {
    return { encoderNoise: this.noise(), start: startOf(this.plan) };
  }

  /**
   * Steps until the noise is ready; every step goes to the history, the noise itself as a row of the event `round`.
   * @throws BatchError when the images do not make one batch
   */
  async run(parts: { readonly history: History; readonly stepper: Stepper }): Promise<RoundRow> {
    const { settings, round } = this.plan;
    const stream = openBatchStream(this.sequence(), { fromStep: this.step });
    try {
      const search = {
        fromStep: this.step,
        settings,
        nextBatch: async () => (await parts.stepper.waitFor(stream.next())).pixels,
      };
      for await (const { step, ...facts } of synthesizeNoise(this.program, search)) {
        this.stepsDone = step;
        parts.history.push({ event: 'synthesis', round, step, ...facts });
        const { norm, mseProbs } = facts;
        if (!facts.converged) await parts.stepper.tick(`synthesize ${round + 1}`, { norm, mseProbs });
      }
    } finally {
      await stream.close();
    }
    return this.finish(parts.history);
  }

  dispose(): void {
    this.program.dispose();
  }

  private finish(history: History): RoundRow {
    const last = history.last('synthesis');
    const row: RoundRow = {
      event: 'round',
      round: this.plan.round,
      synthesisSteps: this.step,
      converged: last?.converged ?? false,
      normAtStart: frobenius(startOf(this.plan).data as Float32Array),
      norm: frobenius(this.noise().data as Float32Array),
      mseProbs: last?.mseProbs ?? NaN,
    };
    history.push(row);
    return row;
  }

  private sequence(): BatchSequence {
    const { images, batchSize, round } = this.plan;
    const [seed = 0] = randomBits({ seed: images.seed, purpose: PURPOSE.batchChoice, step: round }, 1);
    // Labels do not enter, so images are not blended.
    const sequence = { ...images, batchSize, seed, mixing: undefined };
    // Refuses a batch that cannot be drawn here, where its error keeps its class.
    checkSequence(sequence);
    return sequence;
  }
}

const shapeOf = (config: VitConfig): [number, number, number] => [1, patchCount(config), config.width];

function startOf({ config, settings, images, round }: NoiseSearchPlan): HostTensor {
  const size = { tokens: patchCount(config), width: config.width };
  const data = startingNoise(size, settings, { seed: images.seed, round });
  return { dtype: 'float32', shape: shapeOf(config), data };
}
