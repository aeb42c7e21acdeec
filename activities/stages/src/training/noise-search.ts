import { VitrineError, type HistoryRow, type StageParams } from '@vitrine/contracts';
import { checkSequence, type BatchSequence } from '@vitrine/ml-data';
import { patchCount, type VitConfig } from '@vitrine/ml-nn';
import {
  frobenius,
  initialSearchState,
  NOISE_ENTRY,
  NoiseDivergedError,
  searchEntries,
  splitVit,
  startingNoise,
  synthesisProgram,
  synthesizeNoise,
  weightsState,
  type NoiseProgress,
  type SynthesisFunction,
  type SynthesisSettings,
} from '@vitrine/ml-nullspace';
import {
  PURPOSE,
  randomBits,
  sizeOfShape,
  type HostTensor,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { parameterSpecs, pixelSpec } from '@vitrine/ml-training';
import { openBatchStream } from '../prefetch/batch-stream.js';
import type { History } from './history.js';
import { heldOutBatches, resolveSearch, type SearchMaterials } from './search-settings.js';
import type { Stepper } from './stepper.js';

type RoundRow = Extract<HistoryRow, { event: 'round' }>;
type Synthesis = StageParams<'nullspace-noise'>['synthesis'];

export interface NoiseSearchPlan {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  /** Of the model; it does not change. */
  readonly weights: StateDict;
  readonly settings: Omit<Synthesis, 'mode' | 'batchSize'> & Pick<SynthesisSettings, 'mode'>;
  readonly batchSize: number;
  /** The images, with the augmentation and the seed of the stage. */
  readonly images: BatchSequence;
  /** Which noise of the stage this is; each has its own start and its own pass over the images. */
  readonly round: number;
  /** Independent noises that are sought at once, of this round and those after it; 1 when left out. */
  readonly noises?: number;
  /** Noises of the round that are sought elsewhere, before these; 0 when left out. */
  readonly noisesBefore?: number;
}

/** A noise that is so many times its start has left every scale. */
const EXPLODED = 1e4;

/** The search for noises, which can be stored and taken up again between any two steps. */
export class NoiseSearch {
  private readonly program: RunningProgram<SynthesisFunction>;
  private readonly materials: SearchMaterials;

  private constructor(
    private readonly plan: NoiseSearchPlan,
    state: StateDict | undefined,
    private stepsDone: number,
  ) {
    const { config, weights, batchSize } = plan;
    this.materials = resolveSearch(plan);
    const { settings } = this.materials;
    this.program = plan.executor.start(
      synthesisProgram({
        weights: parameterSpecs(config),
        model: (params) => splitVit({ config, params }),
        noiseShape: shapeOf(plan),
        pixelShape: pixelSpec(config, batchSize).shape,
        settings,
      }),
    );
    const search = state ? this.stored(state) : initialSearchState(startOf(plan), settings);
    this.program.writeState({ ...weightsState(weights), ...search });
  }

  /** @throws VitrineError InvalidSpec when a fraction of a pass is less than a batch */
  static start(plan: NoiseSearchPlan): NoiseSearch {
    return new NoiseSearch(plan, undefined, 0);
  }

  /**
   * From the arrays of a checkpoint.
   * @throws VitrineError ArtifactCorrupt when one of the search's is not among them
   */
  static restore(plan: NoiseSearchPlan, arrays: StateDict, step: number): NoiseSearch {
    return new NoiseSearch(plan, arrays, step);
  }

  /** Updates done. */
  get step(): number {
    return this.stepsDone;
  }

  /** Updates at most. */
  get budget(): number {
    return this.materials.settings.maxSteps;
  }

  /** The noises as they are, [M, N, D]. */
  noise(): HostTensor {
    return this.program.readState([NOISE_ENTRY])[NOISE_ENTRY] as HostTensor;
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return this.program.readState(searchEntries(this.materials.settings));
  }

  /** The noises and their starts, [M, N, D] each. */
  results(): { readonly encoderNoise: HostTensor; readonly start: HostTensor } {
    return { encoderNoise: this.noise(), start: startOf(this.plan) };
  }

  /**
   * Steps until the noises are ready; every step of each goes to the history, the noise itself as a row of the event
   * `round`.
   * @returns the rows, one of each noise
   * @throws BatchError when the images do not make one batch; VitrineError NonFiniteLoss when the search explodes
   */
  async run(parts: { readonly history: History; readonly stepper: Stepper }): Promise<RoundRow[]> {
    const round = firstRow(this.plan);
    const { settings } = this.materials;
    // A noise for one batch alone sees the first in every step, after a restart too.
    const fromStep = this.plan.settings.scope === 'batch' ? 0 : this.step;
    const stream = openBatchStream(this.sequence(), { fromStep });
    const noises = this.plan.noises ?? 1;
    const found = new Set(parts.history.all('round').map((row) => row.round));
    for (const row of parts.history.all('synthesis')) if (row.converged) found.add(row.round);
    try {
      const search = {
        ...{ fromStep: this.step, settings, noises },
        normLimit: EXPLODED * Math.max(...this.norms(startOf(this.plan))),
        nextBatch: this.batches(async () => (await parts.stepper.waitFor(stream.next())).pixels),
        heldOut: () => heldOutBatches(this.materials, this.plan.batchSize),
      };
      for await (const { step, converged, noises: all } of synthesizeNoise(this.program, search)) {
        this.stepsDone = step;
        all.forEach(({ step: own, ...facts }, m) => {
          if (found.has(round + m)) return;
          if (facts.converged) found.add(round + m);
          parts.history.push({ event: 'synthesis', round: round + m, step: own, ...facts });
        });
        if (!converged) await parts.stepper.tick(`synthesize ${round + 1}`, figuresOf(all));
      }
    } catch (error) {
      throw error instanceof NoiseDivergedError ? diverged(error, parts.stepper.lastStored) : error;
    } finally {
      await stream.close();
    }
    return this.finish(parts.history);
  }

  dispose(): void {
    this.program.dispose();
  }

  private finish(history: History): RoundRow[] {
    const starts = this.norms(startOf(this.plan));
    return this.norms(this.noise()).map((norm, m): RoundRow => {
      const round = firstRow(this.plan) + m;
      // Stopped between its end and the stage's, it is in the history already.
      const known = history.all('round').find((row) => row.round === round);
      if (known) return known;
      const last = history.all('synthesis').findLast((row) => row.round === round);
      const row: RoundRow = {
        event: 'round',
        round,
        synthesisSteps: last?.step ?? 0,
        converged: last?.converged ?? false,
        normAtStart: starts[m] ?? NaN,
        norm,
        mseProbs: last?.mseProbs ?? NaN,
      };
      history.push(row);
      return row;
    });
  }

  /** Norm of each of the noises. */
  private norms({ data, shape }: HostTensor): number[] {
    const length = sizeOfShape(shape.slice(1));
    return Array.from({ length: shape[0] ?? 1 }, (_, m) =>
      frobenius(data.slice(m * length, (m + 1) * length) as Float32Array),
    );
  }

  private sequence(): BatchSequence {
    const { images, batchSize, round } = this.plan;
    const [seed = 0] = randomBits({ seed: images.seed, purpose: PURPOSE.batchChoice, step: round }, 1);
    // Labels do not enter, so images are not blended.
    const sequence = { ...images, set: this.materials.seen, batchSize, seed, mixing: undefined };
    // Refuses a batch that cannot be drawn here, where its error keeps its class.
    checkSequence(sequence);
    return sequence;
  }

  /** The batch of a step: the next one, or the first of all when the noise is for one batch alone. */
  private batches(next: () => Promise<Float32Array>): (step: number) => Promise<Float32Array> {
    if (this.plan.settings.scope === 'universal') return next;
    let first: Promise<Float32Array> | undefined;
    return () => (first ??= next().then((pixels) => pixels.slice()));
  }

  private stored(arrays: StateDict): StateDict {
    const entries = searchEntries(this.materials.settings).map((name) => {
      const array = arrays[name];
      if (array) return [name, array] as const;
      throw new VitrineError('ArtifactCorrupt', 'The checkpoint lacks an array.', {
        where: 'checkpoint',
        expected: name,
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    });
    return Object.fromEntries(entries);
  }
}

/** What people see of a step: the worst of the noises. */
const figuresOf = (noises: readonly NoiseProgress[]): Record<string, number> => ({
  norm: Math.max(...noises.map(({ norm }) => norm)),
  mseProbs: Math.max(...noises.map(({ mseProbs }) => mseProbs)),
});

const diverged = (cause: NoiseDivergedError, stored: number): VitrineError =>
  new VitrineError('NonFiniteLoss', 'The search for a noise has left every scale.', {
    where: `synthesis, step ${cause.step}`,
    expected: `a finite loss, and a norm of at most ${EXPLODED} times the start's`,
    actual: `loss ${cause.loss}, norm ${cause.norm}`,
    hint: `Lower synthesis.learningRate. ${
      stored > 0
        ? `The last good checkpoint is that of step ${stored}.`
        : 'No checkpoint was stored before it.'
    }`,
    cause,
  });

const shapeOf = ({ config, noises = 1 }: NoiseSearchPlan): [number, number, number] => [
  noises,
  patchCount(config),
  config.width,
];

/** What the first of the noises is called in the history. */
const firstRow = ({ round, noisesBefore = 0 }: NoiseSearchPlan): number => round + noisesBefore;

function startOf(plan: NoiseSearchPlan): HostTensor {
  const { config, settings, images, round, noisesBefore = 0, weights } = plan;
  const size = { tokens: patchCount(config), width: config.width };
  const stem = {
    weight: weights['patch_embed.proj.weight'] as HostTensor,
    bias: weights['patch_embed.proj.bias'] as HostTensor,
  };
  const shape = shapeOf(plan);
  const data = new Float32Array(sizeOfShape(shape));
  for (let index = 0; index < shape[0]; index++)
    data.set(
      startingNoise(size, settings, { seed: images.seed, round, index: noisesBefore + index, stem }),
      index * size.tokens * size.width,
    );
  return { dtype: 'float32', shape, data };
}
