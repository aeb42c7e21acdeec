import { VitrineError, type ArtifactRef } from '@vitrine/contracts';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { decodePredictions } from './evaluation/predictions-artifact.js';
import { studyOf, type LabelledPredictions } from './evaluation/study.js';
import { decodeExplanations } from './explain/explanations-artifact.js';
import { decodeNoise } from './noise-artifact.js';
import { DOCUMENTS, parsedArtifact } from './parsed-artifact.js';
import { reportPage } from './report/page.js';
import type {
  CertificationInput,
  EvaluationInput,
  ExplanationsInput,
  FaithfulnessInput,
  HistoryInput,
  InfluenceInput,
  NoiseInput,
  Picture,
} from './report/report-data.js';
import { rowsOf } from './report/report-data.js';
import type { StageContext, StageProduct } from './stage-context.js';
import { parseHistory } from './training/history.js';
import { pngAddress } from './report/png.js';

/** One page that shows what a run has found. Made of its inputs alone, so equal inputs give equal bytes. */
export const reportStage = async (
  context: Pick<StageContext<'report'>, 'inputs' | 'artifacts' | 'params' | 'identity'>,
): Promise<StageProduct<'report'>> => {
  const { inputs, artifacts, params, identity } = context;
  const read = async (ref: ArtifactRef): Promise<string> =>
    new TextDecoder().decode(await artifacts.get(ref));
  const histories = await each(inputs.histories, async (label, ref) =>
    historyInput(label, ref, await read(ref)),
  );
  const evaluations = await each(inputs.evaluations, async (label, ref): Promise<EvaluationInput> => {
    return { label, ref, evaluation: await parsedArtifact(artifacts, ref, DOCUMENTS.evaluation) };
  });
  const noises = await each(inputs.noises, async (label, ref): Promise<NoiseInput> => {
    return { label, ref, noise: decodeNoise(await artifacts.get(ref), ref.uri) };
  });
  const influences = await each(inputs.influences, async (label, ref): Promise<InfluenceInput> => {
    return { label, ref, study: await parsedArtifact(artifacts, ref, DOCUMENTS.influence) };
  });
  const explanations = await each(inputs.explanations, async (label, ref): Promise<ExplanationsInput> => {
    return { label, ref, explanations: decodeExplanations(await artifacts.get(ref), ref.uri) };
  });
  const certifications = await each(
    inputs.certifications,
    async (label, ref): Promise<CertificationInput> => {
      return { label, ref, certification: await parsedArtifact(artifacts, ref, DOCUMENTS.certification) };
    },
  );
  const study = await each(inputs.study, async (label, ref): Promise<LabelledPredictions> => {
    return { label, predictions: decodePredictions(await artifacts.get(ref), ref.uri) };
  });
  const faithfulness = await each(inputs.faithfulness, async (label, ref): Promise<FaithfulnessInput> => {
    return { label, ref, faithfulness: await parsedArtifact(artifacts, ref, DOCUMENTS.faithfulness) };
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
    faithfulness,
    explanations,
    pictures,
    study: study.length > 0 ? studyOf(study, params) : undefined,
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
      return { step, address: pngAddress(Buffer.from(await artifacts.get(picture))) };
    }),
  );
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
