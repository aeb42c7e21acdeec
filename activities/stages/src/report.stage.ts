import {
  certificationSchema,
  evaluationSchema,
  influenceSchema,
  VitrineError,
  type ArtifactRef,
} from '@vitrine/contracts';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { decodePredictions } from './evaluation/predictions-artifact.js';
import { studyOf, type LabelledPredictions } from './evaluation/study.js';
import { decodeExplanations } from './explain/explanations-artifact.js';
import { decodeNoise } from './noise-artifact.js';
import { reportPage } from './report/page.js';
import type {
  CertificationInput,
  EvaluationInput,
  ExplanationsInput,
  HistoryInput,
  InfluenceInput,
  NoiseInput,
  Picture,
} from './report/report-data.js';
import { rowsOf } from './report/report-data.js';
import type { Stage } from './stage-context.js';
import { parseHistory } from './training/history.js';

/** One page that shows what a run has found. Made of its inputs alone, so equal inputs give equal bytes. */
export const reportStage: Stage<'report'> = async (context) => {
  const { inputs, artifacts, params, identity } = context;
  const read = async (ref: ArtifactRef): Promise<string> =>
    new TextDecoder().decode(await artifacts.get(ref));
  const histories = await each(inputs.histories, async (label, ref) =>
    historyInput(label, ref, await read(ref)),
  );
  const evaluations = await each(inputs.evaluations, async (label, ref) =>
    evaluationInput(label, ref, await read(ref)),
  );
  const noises = await each(inputs.noises, async (label, ref): Promise<NoiseInput> => {
    return { label, ref, noise: decodeNoise(await artifacts.get(ref), ref.uri) };
  });
  const influences = await each(inputs.influences, async (label, ref) =>
    influenceInput(label, ref, await read(ref)),
  );
  const explanations = await each(inputs.explanations, async (label, ref): Promise<ExplanationsInput> => {
    return { label, ref, explanations: decodeExplanations(await artifacts.get(ref), ref.uri) };
  });
  const certifications = await each(inputs.certifications, async (label, ref) =>
    certificationInput(label, ref, await read(ref)),
  );
  const study = await each(inputs.study, async (label, ref): Promise<LabelledPredictions> => {
    return { label, predictions: decodePredictions(await artifacts.get(ref), ref.uri) };
  });
  const pictures = Object.fromEntries(
    await Promise.all(
      histories.map(async (input) => [input.label, await picturesOf(artifacts, input)] as const),
    ),
  );
  const page = reportPage({
    title: params.title,
    identity,
    histories,
    evaluations,
    noises,
    influences,
    published: params.published ?? [],
    certifications,
    explanations,
    pictures,
    study: study.length > 0 ? studyOf(study, params.control ?? 'control') : undefined,
  });
  const report = await artifacts.put('report', new TextEncoder().encode(page));
  return { outputs: { report }, summary: { bytes: report.bytes } };
};

/** One after another, in the order of the labels as written. */
async function each<T>(
  refs: Readonly<Record<string, ArtifactRef>> | undefined,
  make: (label: string, ref: ArtifactRef) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  for (const [label, ref] of Object.entries(refs ?? {})) made.push(await make(label, ref));
  return made;
}

async function picturesOf(artifacts: ArtifactStore, input: HistoryInput): Promise<Picture[]> {
  const rows = rowsOf(input, 'samples');
  return Promise.all(
    rows.map(async ({ step, picture }) => {
      const png = Buffer.from(await artifacts.get(picture));
      return { step, address: `data:image/png;base64,${png.toString('base64')}` };
    }),
  );
}

function certificationInput(label: string, ref: ArtifactRef, text: string): CertificationInput {
  try {
    return { label, ref, certification: certificationSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', 'The certification cannot be read.', {
      where: ref.uri,
      expected: 'a certification as the stage certify writes it',
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}

function influenceInput(label: string, ref: ArtifactRef, text: string): InfluenceInput {
  try {
    return { label, ref, study: influenceSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', 'The study of noises cannot be read.', {
      where: ref.uri,
      expected: 'a study as the stage noise-influence writes it',
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}

function historyInput(label: string, ref: ArtifactRef, text: string): HistoryInput {
  const rows = parseHistory(text, ref.uri);
  const [provenance] = rows;
  if (provenance?.event === 'stage') return { label, ref, provenance, rows };
  throw new VitrineError('ArtifactCorrupt', 'The history does not say where it comes from.', {
    where: `${ref.uri}, line 1`,
    expected: 'a row of the event stage',
    actual: provenance ? `one of the event ${provenance.event}` : 'an empty file',
  });
}

function evaluationInput(label: string, ref: ArtifactRef, text: string): EvaluationInput {
  try {
    return { label, ref, evaluation: evaluationSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', 'The evaluation cannot be read.', {
      where: ref.uri,
      expected: 'an evaluation as the stage evaluate writes it',
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}
