import type { ImageSet } from '@vitrine/datasets';
import { imageBatch, imageSlice } from '@vitrine/ml-data';
import type { GateFunction } from '@vitrine/ml-explain';
import type { RunningProgram, StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { loadDenoiserFor } from './denoiser-artifact.js';
import { encodeExplanations, type ExplanationsArtifact } from './explain/explanations-artifact.js';
import { ExplanationWork, type WorkPlan } from './explain/explanation-work.js';
import { packPictures } from './explain/picture-folder.js';
import { patchRegions } from './explain/region-scores.js';
import { agreementsOf, scoresOf } from './explain/score-methods.js';
import { checkGates, decodeGates, type GatesArtifact } from './gates-artifact.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { Stepper } from './training/stepper.js';

const metaSchema = z.strictObject({ done: z.int().min(0) });

type Context = StageContext<'explain'>;

/** Maps of the test images by every method for the classes that the model predicts, and how well each says what matters. */
export const explainStage: Stage<'explain'> = async (context) => {
  const plan = await readInputs(context);
  const { previous } = context.checkpoints;
  const found = previous && decodeCheckpoint('explain', metaSchema, previous.content);
  const work = new ExplanationWork(plan, found?.arrays);
  try {
    await complete(context, work, found?.meta.done ?? 0);
    return await store(context, plan, work);
  } finally {
    work.dispose();
  }
};

async function readInputs(context: Context): Promise<WorkPlan> {
  const { params, inputs, artifacts } = context;
  const images = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(artifacts, inputs.model);
  checkImages(model.spec, images);
  const gates = new Map<string, GatesArtifact>();
  for (const [label, ref] of Object.entries(inputs.gates ?? {})) {
    const given = decodeGates(await artifacts.get(ref), ref.uri);
    checkGates(given, model.spec, given.meta.settings.hidden);
    if (given.meta.modelSha256 !== inputs.model.sha256)
      context.log('warn', `the gates ${label} were trained on other weights of the same architecture`);
    gates.set(label, given);
  }
  const denoiser = await loadDenoiserFor(images, artifacts, inputs.denoiser);
  return { context, images, model, gates, denoiser };
}

async function complete(context: Context, work: ExplanationWork, done: number): Promise<void> {
  const steps = work.steps();
  const stepper: Stepper = new Stepper(context, {
    ...{ done, total: steps.length, everySteps: context.params.checkpoint.everySteps },
    snapshot: () =>
      encodeCheckpoint('explain', {
        arrays: work.arrays,
        meta: { done: stepper.done } satisfies z.infer<typeof metaSchema>,
      }),
  });
  for (const { phase, run } of steps.slice(done)) {
    await run(() => stepper.breathe(phase, {}));
    await stepper.tick(phase, {});
  }
  await context.checkpoints.settle();
}

async function store(
  context: Context,
  { images, model, gates }: WorkPlan,
  work: ExplanationWork,
): ReturnType<Stage<'explain'>> {
  const { params, inputs, artifacts } = context;
  const { N, curveShape, arrays } = work;
  const methods = work.set.explainers.map(({ name }) => name);
  const regions = patchRegions(images, model.spec);
  const scores = scoresOf(methods, arrays, { images, curveShape, regions });
  const examples = Math.min(params.examples, images.count);
  const artifact: ExplanationsArtifact = {
    arrays: {
      ...arrays,
      ...(regions && {
        regions: { dtype: 'int32', shape: [images.count, N], data: Int32Array.from(regions) },
      }),
      ...exampleArrays(images, examples),
      ...votesOf(work.set.voters, images, { examples, batchSize: params.batchSize, N }),
    },
    meta: {
      ...{ model: model.spec, modelSha256: inputs.model.sha256, dataset: images.name },
      ...{ classNames: [...images.classNames], methods, scores, curveShares: params.curveShares },
      agreement: agreementsOf(methods, arrays, N),
      ...(images.names && { names: images.names.slice(0, examples) }),
      gates: Object.fromEntries([...gates].map(([label, { meta }]) => [label, meta.settings])),
    },
  };
  return {
    outputs: {
      explanations: await artifacts.put('explanations', encodeExplanations(artifact)),
      pictures: await packPictures(artifact, (content) => artifacts.put('folder', content)),
    },
    summary: { images: images.count, scores },
  };
}

function exampleArrays(images: ImageSet, examples: number): StateDict {
  const { pixels, labels } = imageSlice(images, 0, examples);
  const shape = [examples, images.channels, images.size, images.size];
  return {
    'examples.pixels': { dtype: 'float32', shape, data: pixels },
    'examples.labels': { dtype: 'int32', shape: [examples], data: labels },
  };
}

/** log P(z > 0) of every gate for the examples, by label. */
function votesOf(
  voters: ReadonlyMap<string, RunningProgram<GateFunction>>,
  images: ImageSet,
  { examples, batchSize, N }: { readonly examples: number; readonly batchSize: number; readonly N: number },
): StateDict {
  const each = [...voters].map(([label, program]): [string, StateDict[string]] => {
    const parts = Array.from({ length: Math.ceil(examples / batchSize) }, (_, batch) => {
      const count = Math.min(batchSize, examples - batch * batchSize);
      const { pixels } = imageBatch(images, batch * batchSize, { count, size: batchSize });
      return program.run('attribute', { pixels })['votes']?.data as Float32Array;
    });
    const G = (parts[0]?.length ?? 0) / (batchSize * N);
    const data = new Float32Array(G * examples * N);
    for (let gate = 0; gate < G; gate++)
      parts.forEach((part, batch) => {
        const count = Math.min(batchSize, examples - batch * batchSize);
        const from = gate * batchSize * N;
        data.set(part.subarray(from, from + count * N), (gate * examples + batch * batchSize) * N);
      });
    return [`votes.${label}`, { dtype: 'float32', shape: [G, examples, N], data }];
  });
  return Object.fromEntries(each);
}
