import type { ImageSet } from '@vitrine/datasets';
import { disposeAll, toTensors } from '@vitrine/ml-tensor';
import type { Vit } from '@vitrine/ml-nn';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import { encodeNoise, type NoiseArtifact } from './noise-artifact.js';
import { examplesOf, influenceOn, patchNullSpace } from './nullspace/measure-noise.js';
import type { Stage, StageContext } from './stage-context.js';
import { History, provenanceOf } from './training/history.js';
import { NoiseSearch, type NoiseSearchPlan } from './training/noise-search.js';
import { Stepper } from './training/stepper.js';

/** The noise is sought on training images as training sees them. */
const AUGMENTATION = { cropPadding: 4, flip: true };

const metaSchema = z.strictObject({ step: z.int().min(0), history: z.string() });

interface Materials extends ModelArtifact {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/** The null space of a model's patch embedding, and one noise of its encoder, with what they do to the test images. */
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
    const round = await search.run({ history, stepper });
    await context.checkpoints.settle();
    const { pixelNoise, singularValues, ...space } = patchNullSpace(model, {
      norm: params.pixelNorm,
      seed: context.seed,
    });
    if (space.nullity === 0)
      context.log(
        'warn',
        `the patch embedding has full rank ${space.rank}: there is no pixel noise to sample`,
      );
    const judged = { vit, images: test, noise: search.noise() };
    const influence = await influenceOn(judged, {
      seed: context.seed,
      onChunk: (images) => stepper.breathe('measure', { images }),
    });
    const { synthesisSteps: steps, converged, normAtStart, norm } = round;
    const facts = { ...space, steps, converged, normAtStart, norm, ...influence };
    const artifact: NoiseArtifact = {
      arrays: { ...search.results(), pixelNoise, ...examplesOf(judged, pixelNoise) },
      meta: {
        ...facts,
        model: model.spec,
        modelSha256: context.inputs.model.sha256,
        mode,
        epsilon: params.synthesis.epsilon,
        singularValues,
        pixelNorm: params.pixelNorm,
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
    total: settings.maxSteps,
    everySteps: params.checkpoint.everySteps,
    snapshot: () =>
      encodeCheckpoint('nullspace-noise', {
        arrays: search.arrays(),
        meta: { step: search.step, history: history.toText() } satisfies z.infer<typeof metaSchema>,
      }),
  });
  return { search, history, stepper };
}
