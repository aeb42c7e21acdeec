import { judgedImageSchema } from '@vitrine/contracts';
import { encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { loadDenoiserFor } from './denoiser-artifact.js';
import { AttentionJudge, type JudgedImage } from './faithfulness/attention-judge.js';
import { faithfulnessOf } from './faithfulness/faithfulness-document.js';
import { imageNumbers, joinRows, splitRows } from './map-rows.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { Stepper } from './training/stepper.js';
import { stepwise } from './stepwise.js';

const metaSchema = z.strictObject({ images: z.array(judgedImageSchema) });

/** Stability and faithfulness of attention, image by image; how often the stage was interrupted does not show. */
export const judgeAttentionStage: Stage<'judge-attention'> = async (context) => {
  const { params, inputs, artifacts, executor, seed } = context;
  const images = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(artifacts, inputs.model);
  checkImages(model.spec, images);
  const denoiser = await loadDenoiserFor(images, artifacts, inputs.denoiser);
  const work = restore(context);
  const stepper = new Stepper(context, {
    done: work.images.length,
    total: Math.ceil(images.count / params.every),
    everySteps: 1,
    snapshot: () =>
      encodeCheckpoint('judge-attention', {
        arrays: mapArrays(work),
        meta: { images: work.images } satisfies z.infer<typeof metaSchema>,
      }),
  });
  const judge = new AttentionJudge({ executor, model, denoiser, params, seed });
  try {
    while (stepper.done < stepper.total) {
      const { image, maps } = await stepwise(judge.judge(images, stepper.done * params.every), () =>
        stepper.breathe('judge', {}),
      );
      work.images.push(image);
      work.plain.push(maps.plain);
      work.smoothed.push(maps.smoothed);
      await stepper.tick('judge', { overlap: image.overlap.adaptive.smoothed });
    }
    await context.checkpoints.settle();
  } finally {
    judge.dispose();
  }
  const { name: dataset, sha256: datasetSha256 } = images;
  const faithfulness = faithfulnessOf({ params, inputs }, { dataset, datasetSha256 }, work.images);
  const text = new TextEncoder().encode(JSON.stringify(faithfulness));
  return {
    outputs: {
      faithfulness: await artifacts.put('faithfulness', text),
      maps: await artifacts.put(
        'predictions',
        encodeSafetensors({ ...mapArrays(work), images: imageNumbers(work.images) }),
      ),
    },
    summary: faithfulness.figures,
  };
};

interface Work {
  readonly images: JudgedImage[];
  readonly plain: Float32Array[];
  readonly smoothed: Float32Array[];
}

function restore(context: StageContext<'judge-attention'>): Work {
  const { previous } = context.checkpoints;
  if (!previous) return { images: [], plain: [], smoothed: [] };
  const { arrays, meta } = decodeCheckpoint('judge-attention', metaSchema, previous.content);
  return {
    images: [...meta.images],
    plain: splitRows(arrays['plain']),
    smoothed: splitRows(arrays['smoothed']),
  };
}

function mapArrays({ plain, smoothed }: Work): StateDict {
  return { plain: joinRows(plain), smoothed: joinRows(smoothed) };
}
