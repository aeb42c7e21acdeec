import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createMemoryStores, unpackFolder, type ArtifactStore } from '@vitrine/artifact-store';
import {
  stageDefinition,
  VitrineError,
  type ArtifactRef,
  type ArtifactType,
  type NumericsProfile,
  type PictureAnswer,
  type PictureJob,
  type Progress,
  type StageParams,
} from '@vitrine/contracts';
import type { Datasets } from '@vitrine/datasets';
import type { ProgramExecutor } from '@vitrine/ml-tensor';
import { decodeExplanations } from '../explain/explanations-artifact.js';
import { MASK_FIGURES, meanMaskScores } from '../explain/mask-figures.js';
import { captionOf } from '../explain/pictures.js';
import { decodeModel } from '../model-artifact.js';
import { STAGE_RUNNERS } from '../registry.js';
import type { StageContext } from '../stage-context.js';

export interface PictureParts {
  readonly executor: ProgramExecutor;
  readonly profile: NumericsProfile;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<Progress, 'phase' | 'step' | 'total'>) => void;
}

/** A batch is filled up: with few pictures, a large one would be work for nothing. */
const MOST_BATCH = 8;

/**
 * The stage `explain` on a person's own pictures, with files in place of S3 and of the data set. What it computes is what
 * a run would have computed.
 */
export async function explainPictures(job: PictureJob, parts: PictureParts): Promise<PictureAnswer> {
  const memory = createMemoryStores().artifacts('default');
  const files = new Map<string, ArtifactRef>();
  // A reference that names a file is what errors show; the store has its bytes under an address of its own.
  const artifacts: ArtifactStore = {
    put: (...given) => memory.put(...given),
    get: (ref) => memory.get(files.get(ref.uri) ?? ref),
    stream: (ref) => memory.stream(files.get(ref.uri) ?? ref),
  };
  const stored = async (type: ArtifactType, path: string): Promise<ArtifactRef> => {
    const ref = await memory.put(type, await readInput(path));
    files.set(path, ref);
    return { ...ref, uri: path };
  };
  const model = await stored('model', job.model);
  const { spec } = decodeModel(await artifacts.get(model), job.model);
  const gates: Record<string, ArtifactRef> = {};
  for (const [label, path] of Object.entries(job.gates)) gates[label] = await stored('gates', path);
  const classNames = await classesOf(job.classes, spec.classes);
  const datasets: Datasets = {
    load: async () => {
      const { loadPictures } = await import('@vitrine/datasets');
      const { imageSize: size, channels, patchSize } = spec;
      const wanted = { size, channels, patches: size / patchSize, classNames, fit: job.fit };
      return loadPictures(job.images, wanted);
    },
  };
  const warnings: string[] = [];
  const context: StageContext<'explain'> = {
    identity: { project: 'default', runId: 'pictures', stage: 'explain', codeVersion: 'none' },
    params: paramsOf(job),
    inputs: {
      ...{ model, gates },
      denoiser: job.denoiser === undefined ? undefined : await stored('denoiser', job.denoiser),
    },
    ...{ seed: job.seed, failures: [], otherDevices: [], artifacts, datasets, ...parts },
    checkpoints: { previous: null, save: () => Promise.resolve(), settle: () => Promise.resolve() },
    report: ({ phase, step, total }) => {
      parts.onProgress({ phase, step, total });
      return Promise.resolve();
    },
    measure: () => undefined,
    log: (level, message) => {
      if (level === 'warn') warnings.push(message);
    },
  };
  const run = await STAGE_RUNNERS.explain.load();
  const { outputs, summary } = await run(context);
  await unpackFolder(job.out, artifacts.stream(outputs.pictures));
  const page = resolve(job.out, 'index.html');
  const explanations = await artifacts.get(outputs.explanations);
  return { out: job.out, page, pictures: factsOf(job, explanations), scores: summary.scores, warnings };
}

function paramsOf({ images, methods, scores }: PictureJob): StageParams<'explain'> {
  const given = {
    ...{ batchSize: Math.min(images.length, MOST_BATCH), examples: images.length },
    ...(!scores && { curveImages: 0, sanityImages: 0 }),
    ...(methods && { methods }),
  };
  return stageDefinition('explain').params.parse(given) as StageParams<'explain'>;
}

function factsOf({ images }: PictureJob, bytes: Uint8Array): PictureAnswer['pictures'] {
  const explanations = decodeExplanations(bytes, 'the explanations');
  const { arrays, meta } = explanations;
  return images.map((_, image) => ({
    ...captionOf({ explanations, image }),
    masks: Object.entries(meta.gates).map(([label, { tolerance }]) => {
      const rows = arrays[`masks.${label}`]?.data as Float32Array;
      const row = rows.subarray(image * MASK_FIGURES, (image + 1) * MASK_FIGURES);
      const { kept, divergence, agreement } = meanMaskScores(row);
      return { label, kept, divergence, tolerance, sameClass: agreement === 1 };
    }),
  }));
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new VitrineError('NotFound', 'A file cannot be read.', {
      where: path,
      expected: 'a file of this machine',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      hint: 'Correct the path, or name the artifact as RUN.STAGE.OUTPUT.',
      cause,
    });
  }
}

/** A class a line, as many as the model tells apart; numbers without such a file. */
async function classesOf(path: string | undefined, classes: number): Promise<string[]> {
  if (path === undefined) return Array.from({ length: classes }, (_, k) => `class ${k}`);
  const text = new TextDecoder().decode(await readInput(path));
  const names = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.trim());
  if (names.length === classes) return names;
  throw new VitrineError('InvalidRequest', 'The names are not those of the model’s classes.', {
    where: path,
    expected: `${classes} lines, a class each`,
    actual: `${names.length} lines`,
    hint: 'Give a file with one line for each class of the model, in their order.',
  });
}
