import type { HistoryRow, StageSummary } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { permuteNoise, frobenius, withoutTokenMeans } from '@vitrine/ml-nullspace';
import { disposeAll, sizeOfShape, toTensors, type HostTensor } from '@vitrine/ml-tensor';
import type { Vit } from '@vitrine/ml-nn';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import { encodeNoise, type NoiseArtifact } from './noise-artifact.js';
import { examplesOf } from './nullspace/examples.js';
import { judgeNoiseAsPixels } from './nullspace/noise-as-pixels.js';
import { NoiseJudge } from './nullspace/noise-judge.js';
import { judgePixelNoise, samplePatchNullSpace } from './nullspace/pixel-noise.js';
import type { Stage, StageContext } from './stage-context.js';
import { History, provenanceOf } from './training/history.js';
import { NoiseSearch, type NoiseSearchPlan } from './training/noise-search.js';
import { Stepper } from './training/stepper.js';

/** The noise is sought on training images as training sees them. */
const AUGMENTATION = { cropPadding: 4, flip: true };
/** Images and noises that are judged together. */
const JUDGED = { batchSize: 64, noisesAtOnce: 8 };

const metaSchema = z.strictObject({ step: z.int().min(0), history: z.string() });

interface Materials extends ModelArtifact {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/** The null space of a model's patch embedding, and noises of its encoder, with what they do to the test images. */
export const nullspaceNoiseStage: Stage<'nullspace-noise'> = async (context) => {
  const { params } = context;
  const { mode } = params.synthesis;
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(context.artifacts, context.inputs.model);
  checkImages(model.spec, train);
  const vit: Vit = { config: model.spec, params: toTensors(model.weights) };
  const { search, history, stepper } = begin(context, { ...model, train, test });
  try {
    const rounds = await search.run({ history, stepper });
    await context.checkpoints.settle();
    const pixelNoise = samplePatchNullSpace(model, params.pixels, context.seed);
    const { space } = pixelNoise;
    if (space.nullity === 0)
      context.log(
        'warn',
        `the patch embedding has full column rank ${space.rank}: no pixel noise is unseen by it; the encoder's noise is what such a model has`,
      );
    const { encoderNoise, start } = search.results();
    const noises = await encoderFacts(context, { model, test, rounds, encoderNoise, stepper });
    const facts: StageSummary<'nullspace-noise'> = {
      ...pixelNoise.facts,
      pixelNoise: judgePixelNoise(vit, test, pixelNoise),
      noiseAsPixels: judgeNoiseAsPixels(vit, test, { space, encoderNoise }),
      noises,
    };
    const { visible, norm: pixelNorm } = params.pixels;
    const artifact: NoiseArtifact = {
      arrays: {
        ...{ encoderNoise, start, pixelNoise: pixelNoise.noise },
        ...examplesOf({ vit, images: test, encoderNoise, pixelNoise, visible }),
      },
      meta: {
        ...facts,
        model: model.spec,
        modelSha256: context.inputs.model.sha256,
        mode,
        epsilon: params.synthesis.epsilon,
        logBarrier: params.synthesis.logBarrier,
        singularValues: [...space.singularValues],
        pixelNorm,
        visible: space.nullity > 0 ? visible : [],
        classNames: [...test.classNames],
      },
    };
    const stored = await context.artifacts.put('noise', encodeNoise(artifact));
    const rows = await context.artifacts.put('history', new TextEncoder().encode(history.toText()));
    return { outputs: { noise: stored, history: rows }, summary: facts };
  } finally {
    search.dispose();
    disposeAll(vit.params);
  }
};

/** What each noise does to the test images, beside its permuted control. */
async function encoderFacts(
  context: StageContext<'nullspace-noise'>,
  found: {
    readonly model: ModelArtifact;
    readonly test: ImageSet;
    readonly rounds: readonly Extract<HistoryRow, { event: 'round' }>[];
    readonly encoderNoise: HostTensor;
    readonly stepper: Stepper;
  },
): Promise<StageSummary<'nullspace-noise'>['noises']> {
  const { model, test, rounds, encoderNoise, stepper } = found;
  const length = sizeOfShape(encoderNoise.shape.slice(1));
  const noises = rounds.map((_, m) => encoderNoise.data.slice(m * length, (m + 1) * length) as Float32Array);
  const permuted = noises.map((noise, index) => permuteNoise(noise, { seed: context.seed, index }));
  const judge = new NoiseJudge({
    ...{ executor: context.executor, model, images: test },
    batchSize: JUDGED.batchSize,
    noisesAtOnce: Math.min(JUDGED.noisesAtOnce, 2 * noises.length),
  });
  try {
    let calls = 0;
    const onCall = (): Promise<void> => stepper.breathe('measure', { calls: (calls += 1) });
    const influences = await judge.influence([...noises, ...permuted], onCall);
    return rounds.map(({ synthesisSteps: steps, converged, normAtStart, norm }, m) => ({
      ...{ steps, converged, normAtStart, norm },
      normSeen: frobenius(withoutTokenMeans(noises[m] as Float32Array, model.spec.width)),
      learned: influences[m] as (typeof influences)[number],
      permuted: influences[noises.length + m] as (typeof influences)[number],
    }));
  } finally {
    judge.dispose();
  }
}

function begin(context: StageContext<'nullspace-noise'>, materials: Materials) {
  const { params } = context;
  const { batchSize, ...settings } = params.synthesis;
  const plan: NoiseSearchPlan = {
    executor: context.executor,
    config: materials.spec,
    weights: materials.weights,
    settings,
    batchSize,
    images: { set: materials.train, batchSize, seed: context.seed, ...AUGMENTATION },
    round: 0,
    noises: params.noises,
  };
  const { previous } = context.checkpoints;
  const resumed = previous && decodeCheckpoint('nullspace-noise', metaSchema, previous.content);
  const search = resumed
    ? NoiseSearch.restore(plan, resumed.arrays, resumed.meta.step)
    : NoiseSearch.start(plan);
  const history = resumed
    ? History.parse(resumed.meta.history, 'checkpoint of a nullspace-noise stage')
    : History.start(
        provenanceOf(context, 'nullspace-noise', {
          model: materials.spec,
          train: materials.train,
          test: materials.test,
        }),
      );
  const stepper = new Stepper(context, {
    done: search.step,
    total: search.budget,
    everySteps: params.checkpoint.everySteps,
    snapshot: () =>
      encodeCheckpoint('nullspace-noise', {
        arrays: search.arrays(),
        meta: { step: search.step, history: history.toText() } satisfies z.infer<typeof metaSchema>,
      }),
  });
  return { search, history, stepper };
}
