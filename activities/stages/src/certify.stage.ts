import { certifiedExampleSchema, type Chunk } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { certifiedAccuracy } from '@vitrine/ml-smoothing';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { certificationProduct } from './certification/certification-product.js';
import { Certifier, type CertifiedExample } from './certification/certifier.js';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { loadDenoiserFor } from './denoiser-artifact.js';
import { imageNumbers, joinRows, splitRows } from './map-rows.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { ShardedStage } from './sharded-stage.js';
import type { Stage, StageContext, StageProduct } from './stage-context.js';
import { Stepper } from './training/stepper.js';

const metaSchema = z.strictObject({ examples: z.array(certifiedExampleSchema) });
/** What a chunk says beside its rows. */
const partSchema = metaSchema.extend({ step: z.int().optional() });

/**
 * Certificates of test images. A few images at a time are the steps; what comes out for an image is a function of the image and
 * the seed, so neither interruptions nor the cutting of the work show in the result.
 */
export const certifyStage: Stage<'certify'> = async (context) => {
  const images = await imagesOf(context);
  const range = { first: 0, count: chosenImages(context, images).length };
  return finish(context, images, await certifyRange(context, images, range));
};

/** The same in chunks of the chosen images. */
export const shardedCertification: ShardedStage<'certify'> = {
  plan: async (context) => {
    const total = chosenImages(context, await imagesOf(context)).length;
    return { total, size: context.params.chunkImages ?? total };
  },
  chunk: async (context, chunk) => {
    const { examples, attention, step } = await certifyRange(context, await imagesOf(context), chunk);
    const meta: z.infer<typeof partSchema> = { examples, ...(step !== undefined && { step }) };
    const bytes = encodeSafetensors(attentionArrays(examples, attention), { part: JSON.stringify(meta) });
    return context.artifacts.put('predictions', bytes);
  },
  merge: async (context, chunks) => {
    const whole: Work & Diffused = { examples: [], attention: [], step: undefined };
    for (const chunk of chunks) {
      const { state, metadata } = decodeSafetensors(await context.artifacts.get(chunk));
      const { examples, step } = partSchema.parse(JSON.parse(metadata['part'] ?? '{}'));
      whole.examples.push(...examples);
      whole.attention.push(...splitRows(state['attention']));
      whole.step = step;
    }
    return finish(context, await imagesOf(context), whole);
  },
};

const imagesOf = ({ datasets, params }: StageContext<'certify'>): Promise<ImageSet> =>
  datasets.load(params.test.dataset, 'test', params.test.limit);

/** Numbers of the images that are certified. */
const chosenImages = ({ params: { every } }: StageContext<'certify'>, { count }: ImageSet): number[] =>
  Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);

interface Work {
  examples: CertifiedExample[];
  /** One row per example, where attention was asked for. */
  attention: Float32Array[];
}

interface Diffused {
  /** Of the diffusion, where there is a denoiser. */
  step: number | undefined;
}

/** What follows from the rows of all chosen images. */
async function finish(
  { params, inputs, artifacts }: StageContext<'certify'>,
  images: ImageSet,
  { examples, attention, step }: Work & Diffused,
): Promise<StageProduct<'certify'>> {
  const { name: dataset, sha256: datasetSha256, classNames } = images;
  const origin = { dataset, datasetSha256, classNames: [...classNames], ...(step !== undefined && { step }) };
  const rows = encodeSafetensors(attentionArrays(examples, attention));
  const { outputs, summary } = await certificationProduct({ params, inputs, artifacts }, origin, examples);
  return { outputs: { ...outputs, attention: await artifacts.put('predictions', rows) }, summary };
}

/** Rows of a range of the chosen images, from wherever the checkpoint stands. */
async function certifyRange(
  context: StageContext<'certify'>,
  images: ImageSet,
  { first, count }: Chunk,
): Promise<Work & Diffused> {
  const { params, inputs, artifacts, executor, seed } = context;
  const model = await loadModel(artifacts, inputs.model);
  checkImages(model.spec, images);
  const denoiser = await loadDenoiserFor(images, artifacts, inputs.denoiser);
  const chosen = chosenImages(context, images).slice(first, first + count);
  const certifier = new Certifier({ executor, model, denoiser, params, seed });
  try {
    return { ...(await certifyAll(context, { images, chosen }, certifier)), step: certifier.step };
  } finally {
    certifier.dispose();
  }
}

async function certifyAll(
  context: StageContext<'certify'>,
  { images, chosen }: { readonly images: ImageSet; readonly chosen: readonly number[] },
  certifier: Certifier,
): Promise<Work> {
  const { chunk } = context.params;
  const work = restore(context);
  const stepper = new Stepper(context, {
    done: Math.ceil(work.examples.length / chunk),
    total: Math.ceil(chosen.length / chunk),
    everySteps: 1,
    snapshot: () =>
      encodeCheckpoint('certify', {
        arrays: attentionArrays(work.examples, work.attention),
        meta: { examples: work.examples } satisfies z.infer<typeof metaSchema>,
      }),
  });
  const onBatch = (): Promise<void> => stepper.breathe('certify', {});
  while (stepper.done < stepper.total) {
    for (const index of chosen.slice(stepper.done * chunk, (stepper.done + 1) * chunk)) {
      const { example, attention } = await certifier.certify(images, index, onBatch);
      work.examples.push(example);
      if (attention) work.attention.push(attention);
    }
    await stepper.tick('certify', { certified: certifiedAccuracy(work.examples, 0) });
  }
  await context.checkpoints.settle();
  return work;
}

/** Checkpoints lie between chunks: the next one begins where the examples end. */
function restore(context: StageContext<'certify'>): Work {
  const { previous } = context.checkpoints;
  if (!previous) return { examples: [], attention: [] };
  const { arrays, meta } = decodeCheckpoint('certify', metaSchema, previous.content);
  return { examples: [...meta.examples], attention: splitRows(arrays['attention']) };
}

function attentionArrays(
  examples: readonly CertifiedExample[],
  attention: readonly Float32Array[],
): StateDict {
  if (attention.length === 0) return {};
  return { attention: joinRows(attention), images: imageNumbers(examples) };
}
