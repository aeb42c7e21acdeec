import { certificationSchema, certifiedExampleSchema, type StageSummary } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { certifiedAccuracy, certifiedAccuracyCurve } from '@vitrine/ml-smoothing';
import { encodeSafetensors, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import {
  certificationLog,
  certificationTable,
  type Certification,
} from './certification/certification-files.js';
import { Certifier, type Certified, type CertifiedExample } from './certification/certifier.js';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkDenoiserImages, loadDenoiser } from './denoiser-artifact.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { Stepper } from './training/stepper.js';

const metaSchema = z.strictObject({ examples: z.array(certifiedExampleSchema) });

/** Radii of the summary, in units of sigma. */
const SUMMARY_RADII = [0, 0.5, 1, 1.5, 2, 3];

/**
 * Certificates of test images. Chunks of images are the steps; a chunk's result is a function of its images and the seed, so
 * neither interruptions nor the size of chunks show in what comes out.
 */
export const certifyStage: Stage<'certify'> = async (context) => {
  const { params, inputs, artifacts, executor, seed } = context;
  const images = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(artifacts, inputs.model);
  checkImages(model.spec, images);
  const denoiser = inputs.denoiser && (await loadDenoiser(artifacts, inputs.denoiser));
  if (denoiser) checkDenoiserImages(denoiser.spec, images);
  const certifier = new Certifier({ executor, model, denoiser, params, seed });
  try {
    const { examples, attention } = await certifyAll(context, images, certifier);
    const certification = certificationSchema.parse({
      dataset: images.name,
      datasetSha256: images.sha256,
      modelSha256: inputs.model.sha256,
      ...(inputs.denoiser && { denoiserSha256: inputs.denoiser.sha256 }),
      classNames: [...images.classNames],
      sigma: params.sigma,
      alpha: params.alpha,
      selection: params.selection,
      draws: params.draws,
      ...(certifier.step !== undefined && { step: certifier.step }),
      examples,
      curve: certifiedAccuracyCurve(examples).map(([radius, accuracy]) => ({ radius, accuracy })),
    });
    const text = (content: string): Uint8Array => new TextEncoder().encode(content);
    return {
      outputs: {
        certification: await artifacts.put('certification', text(JSON.stringify(certification))),
        certificates: await artifacts.put('certificates', text(certificationLog(examples))),
        table: await artifacts.put('table', certificationTable(examples)),
        attention: await artifacts.put(
          'predictions',
          encodeSafetensors(attentionArrays(examples, attention)),
        ),
      },
      summary: summaryOf(certification),
    };
  } finally {
    certifier.dispose();
  }
};

interface Work {
  examples: CertifiedExample[];
  /** One row per example, where attention was asked for. */
  attention: Float32Array[];
}

async function certifyAll(
  context: StageContext<'certify'>,
  images: ImageSet,
  certifier: Certifier,
): Promise<Work> {
  const { chunk, every } = context.params;
  const chosen = Array.from({ length: Math.ceil(images.count / every) }, (_, i) => i * every);
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
  while (stepper.done < stepper.total) {
    const range = chosen.slice(stepper.done * chunk, (stepper.done + 1) * chunk);
    const results = await certifyChunk(certifier, {
      images,
      range,
      onBatch: () => stepper.breathe('certify', {}),
    });
    for (const { example, attention } of results) {
      work.examples.push(example);
      if (attention) work.attention.push(attention);
    }
    await stepper.tick('certify', { certified: certifiedAccuracy(work.examples, 0) });
  }
  await context.checkpoints.settle();
  return work;
}

/** The images of one range, in their order. */
async function certifyChunk(
  certifier: Certifier,
  {
    images,
    range,
    onBatch,
  }: { readonly images: ImageSet; readonly range: readonly number[]; readonly onBatch: () => Promise<void> },
): Promise<Certified[]> {
  const results: Certified[] = [];
  for (const index of range) results.push(await certifier.certify(images, index, onBatch));
  return results;
}

/** Checkpoints lie between chunks: the next one begins where the examples end. */
function restore(context: StageContext<'certify'>): Work {
  const { previous } = context.checkpoints;
  if (!previous) return { examples: [], attention: [] };
  const { arrays, meta } = decodeCheckpoint('certify', metaSchema, previous.content);
  const maps = arrays['attention'];
  const width = maps?.shape[1] ?? 0;
  const rows = Array.from({ length: maps?.shape[0] ?? 0 }, (_, i) =>
    Float32Array.from(maps?.data.slice(i * width, (i + 1) * width) ?? []),
  );
  return { examples: [...meta.examples], attention: rows };
}

function attentionArrays(
  examples: readonly CertifiedExample[],
  attention: readonly Float32Array[],
): StateDict {
  const [first] = attention;
  if (!first) return {};
  const data = new Float32Array(attention.length * first.length);
  attention.forEach((row, i) => data.set(row, i * first.length));
  const maps: HostTensor = { dtype: 'float32', shape: [attention.length, first.length], data };
  const images = Int32Array.from(examples, ({ idx }) => idx);
  return { attention: maps, images: { dtype: 'int32', shape: [images.length], data: images } };
}

function summaryOf({ examples, sigma }: Certification): StageSummary<'certify'> {
  const certified = SUMMARY_RADII.map((times) => ({
    radius: times * sigma,
    accuracy: certifiedAccuracy(examples, times * sigma),
  }));
  const total = (of: (example: CertifiedExample) => number): number =>
    examples.reduce((sum, example) => sum + of(example), 0);
  return {
    examples: examples.length,
    abstained: examples.filter(({ predict }) => predict < 0).length,
    certified,
    meanRadius: total(({ radius }) => radius) / examples.length,
    draws: total(({ draws }) => draws),
  };
}
