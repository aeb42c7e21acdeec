import type { NOISE_TREATMENTS } from '@vitrine/contracts';
import { VitrineError, type ArtifactRef, type influenceSchema } from '@vitrine/contracts';
import { frobenius, permuteNoise, withoutTokenMeans } from '@vitrine/ml-nullspace';
import { patchCount } from '@vitrine/ml-nn';
import { formatShape, normal, PURPOSE } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import { decodeNoise, noiseArray } from './noise-artifact.js';
import { NoiseJudge, type Influence } from './nullspace/noise-judge.js';
import { shrinkToEqual } from './nullspace/shrink-to-equal.js';
import type { Stage, StageContext } from './stage-context.js';
import { Stepper } from './training/stepper.js';

type Context = StageContext<'noise-influence'>;
type Study = z.infer<typeof influenceSchema>;
type Treatment = (typeof NOISE_TREATMENTS)[number];

/** One noise with what is known of it. */
interface Studied {
  readonly facts: Omit<Study['noises'][number], 'atOne' | 'shrunk'>;
  readonly noise: Float32Array;
}

interface Candidate {
  readonly label: string;
  readonly treatment: Treatment;
  readonly noise: Float32Array;
}

/** Every noise over a grid of scales beside its controls. No label enters: outputs are compared with those without noise. */
export const noiseInfluenceStage: Stage<'noise-influence'> = async (context) => {
  const { params, inputs } = context;
  const images = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(context.artifacts, inputs.model);
  checkImages(model.spec, images);
  const studied = await studiedNoises(context, model);
  const candidates = studied.flatMap((each, at) => treated(each, { seed: context.seed, at }));
  candidates.push(...combined(studied));
  const scales = [...new Set([1, ...params.scales])].sort((a, b) => a - b);
  const { batchSize, noisesAtOnce } = params;
  const judge = new NoiseJudge({ executor: context.executor, model, images, batchSize, noisesAtOnce });
  try {
    const steps = params.shrink ? shrinkToEqual.rounds : 0;
    const stepper = new Stepper(context, {
      done: 0,
      total: judge.calls(candidates.length * scales.length) + steps * judge.calls(studied.length),
      everySteps: Infinity,
    });
    const scaled = candidates.flatMap((candidate) =>
      scales.map((scale) => ({ ...candidate, scale, noise: candidate.noise.map((value) => value * scale) })),
    );
    const influences = await judge.influence(
      scaled.map(({ noise }) => noise),
      () => stepper.tick('measure', {}),
    );
    const points = scaled.map(({ label, treatment, scale, noise }, at) => ({
      ...{ label, treatment, scale, norm: frobenius(noise) },
      influence: influences[at] as Influence,
    }));
    const atOne = (label: string, treatment: Treatment): Influence =>
      points.find((point) => point.label === label && point.treatment === treatment && point.scale === 1)
        ?.influence as Influence;
    const shrunk = params.shrink
      ? await shrinkToEqual(judge, {
          wanted: studied.map(({ facts }) => ({ ...facts, mseProbs: atOne(facts.label, 'noise').mseProbs })),
          random: (at, norm) => randomNoise(studied[at] as Studied, { seed: context.seed, at, norm }),
          onCall: () => stepper.tick('shrink', {}),
        })
      : studied.map(() => null);
    const noises = studied.map(({ facts }, at) => ({
      ...facts,
      atOne: {
        noise: atOne(facts.label, 'noise'),
        permuted: atOne(facts.label, 'permuted'),
        random: atOne(facts.label, 'random'),
      },
      shrunk: shrunk[at] ?? null,
    }));
    const study: Study = {
      modelSha256: inputs.model.sha256,
      dataset: images.name,
      images: images.count,
      noises,
      points,
    };
    const influence = await context.artifacts.put(
      'influence',
      new TextEncoder().encode(JSON.stringify(study)),
    );
    return { outputs: { influence }, summary: { images: images.count, noises: noises.map(headline) } };
  } finally {
    judge.dispose();
  }
};

const headline = ({ label, own, norm, atOne, shrunk }: Study['noises'][number]) => ({
  ...{ label, own, norm, atOne, shrunk },
});

/** Every noise of every artifact. @throws VitrineError ShapeMismatch when one does not fit the model */
async function studiedNoises(context: Context, { spec }: ModelArtifact): Promise<Studied[]> {
  const studied: Studied[] = [];
  for (const [label, ref] of Object.entries(context.inputs.noises as Record<string, ArtifactRef>)) {
    const artifact = decodeNoise(await context.artifacts.get(ref), ref.uri);
    const { data, shape } = noiseArray(artifact, 'encoderNoise');
    const [M = 0, N = 0, D = 0] = shape;
    if (N !== patchCount(spec) || D !== spec.width)
      throw new VitrineError('ShapeMismatch', 'The noise does not fit the model.', {
        where: `inputs.noises.${label}`,
        expected: `noise of ${patchCount(spec)} tokens of width ${spec.width}`,
        actual: formatShape(shape),
      });
    const { meta } = artifact;
    for (let m = 0; m < M; m++) {
      const noise = data.slice(m * N * D, (m + 1) * N * D) as Float32Array;
      studied.push({
        noise,
        facts: {
          label: M === 1 ? label : `${label} ${m + 1}`,
          own: meta.modelSha256 === context.inputs.model.sha256,
          sha256: ref.sha256,
          ...{ mode: meta.mode, epsilon: meta.epsilon, logBarrier: meta.logBarrier },
          normAtStart: meta.noises[m]?.normAtStart ?? NaN,
          norm: frobenius(noise),
          normSeen: frobenius(withoutTokenMeans(noise, D)),
        },
      });
    }
  }
  return studied;
}

/** A noise, its entries in another order, and a Gaussian one of its norm. */
function treated(each: Studied, key: { readonly seed: number; readonly at: number }): Candidate[] {
  const { label, norm } = each.facts;
  return [
    { label, treatment: 'noise', noise: each.noise },
    { label, treatment: 'permuted', noise: permuteNoise(each.noise, { seed: key.seed, index: key.at }) },
    { label, treatment: 'random', noise: randomNoise(each, { ...key, norm }) },
  ];
}

/** Sum and mean of the first two noises of the model. */
function combined(studied: readonly Studied[]): Candidate[] {
  const [a, b] = studied.filter(({ facts }) => facts.own);
  if (!a || !b) return [];
  const label = `${a.facts.label}, ${b.facts.label}`;
  const sum = a.noise.map((value, i) => value + (b.noise[i] ?? 0));
  return [
    { label, treatment: 'sum', noise: sum },
    { label, treatment: 'mean', noise: sum.map((value) => value / 2) },
  ];
}

function randomNoise(
  { noise }: Studied,
  { seed, at, norm }: { readonly seed: number; readonly at: number; readonly norm: number },
): Float32Array {
  const values = normal({ seed, purpose: PURPOSE.gaussian, index: at }, noise.length);
  const scale = norm / frobenius(values);
  return values.map((value) => value * scale);
}
