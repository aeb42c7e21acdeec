import { patchNullSpaceSchema, type Chunk, type HistoryRow, type StageSummary } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { permuteNoise, frobenius, withoutTokenMeans } from '@vitrine/ml-nullspace';
import { disposeAll, sizeOfShape, toTensors, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import type { Vit } from '@vitrine/ml-nn';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import { encodeNoise, noiseFactsSchema, type NoiseArtifact, type NoiseFacts } from './noise-artifact.js';
import { examplesOf } from './nullspace/examples.js';
import { judgeNoiseAsPixels } from './nullspace/noise-as-pixels.js';
import { NoiseJudge } from './nullspace/noise-judge.js';
import { decodeNoisePart, encodeNoisePart, inSequence, type NoisePart } from './nullspace/noise-part.js';
import { judgePixelNoise, samplePatchNullSpace } from './nullspace/pixel-noise.js';
import type { ShardedStage } from './sharded-stage.js';
import type { Stage, StageContext, StageProduct } from './stage-context.js';
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
export const nullspaceNoiseStage: Stage<'nullspace-noise'> = async (context) =>
  finish(context, [await sought(context, { first: 0, count: context.params.noises })]);

/** The same with the noises in chunks. What is sought at once is a matter of the chunk, so the bytes are the same whoever computes it. */
export const shardedNoises: ShardedStage<'nullspace-noise'> = {
  plan: ({ params: { noises, chunkNoises = noises } }) =>
    Promise.resolve({ total: noises, size: Math.min(noises, chunkNoises) }),
  chunk: async (context, chunk) =>
    context.artifacts.put('noise', encodeNoisePart(await sought(context, chunk))),
  merge: async (context, chunks) => {
    const parts: NoisePart[] = [];
    for (const chunk of chunks) parts.push(decodeNoisePart(await context.artifacts.get(chunk), chunk.uri));
    return finish(context, parts);
  },
};

/** Some of the noises, and with the first of them all that there is once. */
async function sought(context: StageContext<'nullspace-noise'>, chunk: Chunk): Promise<NoisePart> {
  const { params } = context;
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(context.artifacts, context.inputs.model);
  checkImages(model.spec, train);
  const { search, history, stepper } = begin(context, { ...model, train, test }, chunk);
  try {
    const rounds = await search.run({ history, stepper });
    await context.checkpoints.settle();
    const arrays = search.results();
    const { encoderNoise } = arrays;
    const once = chunk.first === 0 ? pixelNoiseOf(context, { model, test, encoderNoise }) : undefined;
    const facts = { model, test, rounds, encoderNoise, stepper, first: chunk.first };
    return {
      arrays: { ...arrays, ...once?.arrays },
      meta: {
        noises: await encoderFacts(context, facts),
        history: history.toText(),
        ...(once && { facts: once.facts }),
      },
    };
  } finally {
    search.dispose();
  }
}

/** What follows from all noises. */
async function finish(
  context: StageContext<'nullspace-noise'>,
  parts: readonly NoisePart[],
): Promise<StageProduct<'nullspace-noise'>> {
  const [first] = parts;
  const facts = noiseFactsSchema.parse(first?.meta.facts);
  const noises = parts.flatMap(({ meta }) => meta.noises);
  const artifact: NoiseArtifact = {
    arrays: {
      ...first?.arrays,
      ...inSequence(
        ['encoderNoise', 'start'],
        parts.map(({ arrays }) => arrays),
      ),
    },
    meta: { ...facts, noises },
  };
  const history = History.joined(
    parts.map(({ meta }) => History.parse(meta.history, 'chunk of a nullspace-noise stage')),
    context.identity,
  );
  return {
    outputs: {
      noise: await context.artifacts.put('noise', encodeNoise(artifact)),
      history: await context.artifacts.put('history', new TextEncoder().encode(history.toText())),
    },
    summary: {
      ...patchNullSpaceSchema.strip().parse(facts),
      pixelNoise: facts.pixelNoise,
      noiseAsPixels: facts.noiseAsPixels,
      noises,
    },
  };
}

/** Pixel noise in the null space of the patch embedding, what it does, and examples of all kinds of noise. */
function pixelNoiseOf(
  context: StageContext<'nullspace-noise'>,
  found: { readonly model: ModelArtifact; readonly test: ImageSet; readonly encoderNoise: HostTensor },
): { readonly arrays: StateDict; readonly facts: NoiseFacts } {
  const { params, inputs, seed } = context;
  const { model, test, encoderNoise } = found;
  const pixelNoise = samplePatchNullSpace(model, params.pixels, seed);
  const { space } = pixelNoise;
  if (space.nullity === 0)
    context.log(
      'warn',
      `the patch embedding has full column rank ${space.rank}: no pixel noise is unseen by it; the encoder's noise is what such a model has`,
    );
  const { visible, norm: pixelNorm } = params.pixels;
  const { mode, epsilon, logBarrier } = params.synthesis;
  const vit: Vit = { config: model.spec, params: toTensors(model.weights) };
  try {
    return {
      arrays: {
        pixelNoise: pixelNoise.noise,
        ...examplesOf({ vit, images: test, encoderNoise, pixelNoise, visible }),
      },
      facts: {
        ...pixelNoise.facts,
        ...{ model: model.spec, modelSha256: inputs.model.sha256, mode, epsilon, logBarrier },
        singularValues: [...space.singularValues],
        pixelNorm,
        pixelNoise: judgePixelNoise(vit, test, pixelNoise),
        noiseAsPixels: judgeNoiseAsPixels(vit, test, { space, encoderNoise }),
        visible: space.nullity > 0 ? visible : [],
        classNames: [...test.classNames],
      },
    };
  } finally {
    disposeAll(vit.params);
  }
}

/** What each noise does to the test images, beside its permuted control. */
async function encoderFacts(
  context: StageContext<'nullspace-noise'>,
  found: {
    readonly model: ModelArtifact;
    readonly test: ImageSet;
    readonly rounds: readonly Extract<HistoryRow, { event: 'round' }>[];
    readonly encoderNoise: HostTensor;
    readonly stepper: Stepper;
    /** Number of the first of the noises. */
    readonly first: number;
  },
): Promise<StageSummary<'nullspace-noise'>['noises']> {
  const { model, test, rounds, encoderNoise, stepper, first } = found;
  const length = sizeOfShape(encoderNoise.shape.slice(1));
  const noises = rounds.map((_, m) => encoderNoise.data.slice(m * length, (m + 1) * length) as Float32Array);
  const permuted = noises.map((noise, m) => permuteNoise(noise, { seed: context.seed, index: first + m }));
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

function begin(context: StageContext<'nullspace-noise'>, materials: Materials, { first, count }: Chunk) {
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
    noises: count,
    noisesBefore: first,
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
