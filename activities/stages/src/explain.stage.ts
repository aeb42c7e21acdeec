import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import {
  DIRECT_METHODS,
  explanationProgram,
  GATE_STATE,
  gateProgram,
  integratedGradients,
  oneCall,
  releasedOptimizer,
  rise,
  type ExplanationFunction,
  type Explainer,
  type GateFunction,
  type Judge,
} from '@vitrine/ml-explain';
import { patchCount } from '@vitrine/ml-nn';
import { addPrefix, padTo, type RunningProgram, type StateDict } from '@vitrine/ml-tensor';
import { encodeExplanations } from './explain/explanations-artifact.js';
import { scoreMaps, type ExplanationScores } from './explain/score-maps.js';
import { checkGates, decodeGates } from './gates-artifact.js';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { Stepper } from './training/stepper.js';

type Context = StageContext<'explain'>;
type Program = RunningProgram<ExplanationFunction>;

/** One gate set, ready to vote. */
interface Voter {
  readonly explainer: Explainer;
  readonly program: RunningProgram<GateFunction>;
}

/** Maps of the test images by every method for the classes that the model predicts, and how well each says what matters. */
export const explainStage: Stage<'explain'> = async (context) => {
  const { params, inputs, artifacts } = context;
  const images = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(artifacts, inputs.model);
  checkImages(model.spec, images);
  const { batchSize, rolloutDiscard: discard } = params;
  const program: Program = context.executor.start(
    explanationProgram({ config: model.spec, batchSize, discard }),
  );
  const voters = new Map<string, Voter>();
  try {
    program.writeState(model.weights);
    for (const [label, ref] of Object.entries(inputs.gates ?? {}))
      voters.set(
        label,
        startVoter(context, model, { label, bytes: await artifacts.get(ref), where: ref.uri }),
      );
    const explainers = [
      ...ownExplainers(context, model, program),
      ...[...voters.values()].map((voter) => voter.explainer),
    ];
    const curveImages = Math.min(params.curveImages, images.count);
    const stepper = new Stepper(context, {
      done: 0,
      total: explainers.length * (Math.ceil(images.count / batchSize) + curveImages),
      everySteps: Number.MAX_SAFE_INTEGER,
    });
    const judge = judgeOf(program, model, batchSize);
    const targets = await targetsOf(judge, images, stepper);
    const arrays: Record<string, StateDict[string]> = {
      targets: { dtype: 'int32', shape: [images.count], data: targets },
    };
    const scores: ExplanationScores[] = [];
    const N = patchCount(model.spec);
    for (const explainer of explainers) {
      const maps = await mapsOf(explainer, { images, targets, batchSize, N }, stepper);
      arrays[`maps.${explainer.name}`] = { dtype: 'float32', shape: [images.count, N], data: maps };
      const rows: ExplanationScores[] = [];
      for (let image = 0; image < curveImages; image++) {
        const { pixels } = imageSlice(images, image, 1);
        const shown = { pixels, map: maps.subarray(image * N, (image + 1) * N), image };
        rows.push(scoreMaps(explainer.name, [shown], { judge, config: model.spec }));
        await stepper.tick('score', {});
      }
      scores.push(meanScores(rows));
    }
    const examples = Math.min(params.examples, images.count);
    Object.assign(
      arrays,
      exampleArrays(images, examples),
      votesOf(voters, images, { examples, batchSize, N }),
    );
    const explanations = encodeExplanations({
      arrays,
      meta: {
        ...{ model: model.spec, modelSha256: inputs.model.sha256, dataset: images.name },
        ...{ classNames: [...images.classNames], methods: explainers.map(({ name }) => name), scores },
      },
    });
    return {
      outputs: { explanations: await artifacts.put('explanations', explanations) },
      summary: { images: images.count, scores },
    };
  } finally {
    program.dispose();
    for (const voter of voters.values()) voter.program.dispose();
  }
};

function ownExplainers({ params, seed }: Context, { spec }: ModelArtifact, program: Program): Explainer[] {
  return params.methods.map((method) => {
    if (method === 'integratedGradients')
      return integratedGradients(program, { steps: params.integratedGradientSteps });
    if (method === 'rise') return rise(program, spec, { ...params.rise, seed });
    return oneCall(DIRECT_METHODS.find((direct) => direct === method) ?? 'rollout', program);
  });
}

/** @throws VitrineError when the gates are for another model */
function startVoter(
  { executor, params }: Context,
  model: ModelArtifact,
  given: { readonly label: string; readonly bytes: Uint8Array; readonly where: string },
): Voter {
  const artifact = decodeGates(given.bytes, given.where);
  const { balanceDepths: _balance, ...settings } = artifact.meta.settings;
  checkGates(artifact, model.spec, settings.hidden);
  const program = executor.start(
    gateProgram({
      ...{ config: model.spec, batchSize: params.batchSize },
      settings: { ...settings, optimizer: releasedOptimizer },
    }),
  );
  program.writeState({
    ...addPrefix(GATE_STATE.model, model.weights),
    ...addPrefix(GATE_STATE.trained, artifact.gates),
  });
  const explainer: Explainer = {
    name: given.label,
    *explain({ pixels }) {
      return program.run('attribute', { pixels })['mask']?.data as Float32Array;
    },
  };
  return { program, explainer };
}

function judgeOf(program: Program, { spec }: ModelArtifact, batchSize: number): Judge {
  const length = spec.channels * spec.imageSize ** 2;
  return {
    batchSize,
    probabilities: (pixels) => {
      const { logits } = program.run('predict', { pixels: padTo(pixels, batchSize * length) });
      const rows = (logits?.data as Float32Array).slice(0, (pixels.length / length) * spec.classes);
      for (let first = 0; first < rows.length; first += spec.classes)
        softmax(rows.subarray(first, first + spec.classes));
      return rows;
    },
  };
}

function softmax(row: Float32Array): void {
  const most = Math.max(...row);
  const total = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  row.forEach((logit, k) => (row[k] = Math.exp(logit - most) / total));
}

async function targetsOf(judge: Judge, images: ImageSet, stepper: Stepper): Promise<Int32Array> {
  const targets = new Int32Array(images.count);
  for (let first = 0; first < images.count; first += judge.batchSize) {
    const count = Math.min(judge.batchSize, images.count - first);
    const rows = judge.probabilities(imageSlice(images, first, count).pixels);
    const K = rows.length / count;
    for (let image = 0; image < count; image++) {
      const row = rows.subarray(image * K, (image + 1) * K);
      targets[first + image] = row.indexOf(Math.max(...row));
    }
    await stepper.breathe('predict', { images: first + count });
  }
  return targets;
}

async function mapsOf(
  explainer: Explainer,
  work: {
    readonly images: ImageSet;
    readonly targets: Int32Array;
    readonly batchSize: number;
    readonly N: number;
  },
  stepper: Stepper,
): Promise<Float32Array> {
  const { images, targets, batchSize, N } = work;
  const maps = new Float32Array(images.count * N);
  for (let first = 0; first < images.count; first += batchSize) {
    const count = Math.min(batchSize, images.count - first);
    const { pixels } = imageSlice(images, first, count);
    const pieces = explainer.explain({
      pixels: padTo(pixels, (pixels.length / count) * batchSize),
      targets: padTo(targets.slice(first, first + count), batchSize),
    });
    for (let piece = pieces.next(); ; piece = pieces.next()) {
      if (piece.done) {
        maps.set(piece.value.subarray(0, count * N), first * N);
        break;
      }
      await stepper.breathe(explainer.name, {});
    }
    await stepper.tick(explainer.name, {});
  }
  return maps;
}

function meanScores(rows: readonly ExplanationScores[]): ExplanationScores {
  const mean = (of: (row: ExplanationScores) => number): number =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return {
    method: rows[0]?.method ?? '',
    released: {
      positive: mean((row) => row.released.positive),
      negative: mean((row) => row.released.negative),
      positiveSurprise: mean((row) => row.released.positiveSurprise),
      negativeSurprise: mean((row) => row.released.negativeSurprise),
    },
    normalised: {
      positive: mean((row) => row.normalised.positive),
      negative: mean((row) => row.normalised.negative),
    },
    deletion: mean((row) => row.deletion),
    insertion: mean((row) => row.insertion),
  };
}

function exampleArrays(images: ImageSet, examples: number): StateDict {
  const { pixels } = imageSlice(images, 0, examples);
  const shape = [examples, images.channels, images.size, images.size];
  return {
    'examples.pixels': { dtype: 'float32', shape, data: pixels },
    'examples.labels': {
      dtype: 'int32',
      shape: [examples],
      data: Int32Array.from(images.labels.subarray(0, examples)),
    },
  };
}

/** log P(z > 0) of every gate for the examples, by label. */
function votesOf(
  voters: ReadonlyMap<string, Voter>,
  images: ImageSet,
  { examples, batchSize, N }: { readonly examples: number; readonly batchSize: number; readonly N: number },
): StateDict {
  const each = [...voters].map(([label, { program }]): [string, StateDict[string]] => {
    const parts = Array.from({ length: Math.ceil(examples / batchSize) }, (_, batch) => {
      const count = Math.min(batchSize, examples - batch * batchSize);
      const { pixels } = imageSlice(images, batch * batchSize, count);
      const padded = padTo(pixels, (pixels.length / count) * batchSize);
      return program.run('attribute', { pixels: padded })['votes']?.data as Float32Array;
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
