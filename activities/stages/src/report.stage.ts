import {
  certificationSchema,
  evaluationSchema,
  faithfulnessSchema,
  influenceSchema,
  VitrineError,
  type ArtifactRef,
} from '@vitrine/contracts';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { decodePredictions } from './evaluation/predictions-artifact.js';
import { studyOf, type LabelledPredictions } from './evaluation/study.js';
import type { z } from 'zod';
import { decodeExplanations } from './explain/explanations-artifact.js';
import { decodeNoise } from './noise-artifact.js';
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
import type { Stage } from './stage-context.js';
import { parseHistory } from './training/history.js';
import { pngAddress } from './report/png.js';

/** One page that shows what a run has found. Made of its inputs alone, so equal inputs give equal bytes. */
export const reportStage: Stage<'report'> = async (context) => {
  const { inputs, artifacts, params, identity } = context;
  const read = async (ref: ArtifactRef): Promise<string> =>
    new TextDecoder().decode(await artifacts.get(ref));
  const histories = await each(inputs.histories, async (label, ref) =>
    historyInput(label, ref, await read(ref)),
  );
  const evaluations = await each(inputs.evaluations, async (label, ref): Promise<EvaluationInput> => {
    const of = { what: 'evaluation', stage: 'evaluate', where: ref.uri };
    return { label, ref, evaluation: parsed(evaluationSchema, await read(ref), of) };
  });
  const noises = await each(inputs.noises, async (label, ref): Promise<NoiseInput> => {
    return { label, ref, noise: decodeNoise(await artifacts.get(ref), ref.uri) };
  });
  const influences = await each(inputs.influences, async (label, ref): Promise<InfluenceInput> => {
    const of = { what: 'study of noises', stage: 'noise-influence', where: ref.uri };
    return { label, ref, study: parsed(influenceSchema, await read(ref), of) };
  });
  const explanations = await each(inputs.explanations, async (label, ref): Promise<ExplanationsInput> => {
    return { label, ref, explanations: decodeExplanations(await artifacts.get(ref), ref.uri) };
  });
  const certifications = await each(
    inputs.certifications,
    async (label, ref): Promise<CertificationInput> => {
      const of = { what: 'certification', stage: 'certify', where: ref.uri };
      return { label, ref, certification: parsed(certificationSchema, await read(ref), of) };
    },
  );
  const study = await each(inputs.study, async (label, ref): Promise<LabelledPredictions> => {
    return { label, predictions: decodePredictions(await artifacts.get(ref), ref.uri) };
  });
  const faithfulness = await each(inputs.faithfulness, async (label, ref): Promise<FaithfulnessInput> => {
    const of = { what: 'judgement of attention', stage: 'judge-attention', where: ref.uri };
    return { label, ref, faithfulness: parsed(faithfulnessSchema, await read(ref), of) };
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

/** @throws VitrineError ArtifactCorrupt when the text is not what the stage writes */
function parsed<S extends z.ZodType>(
  schema: S,
  text: string,
  of: { what: string; stage: string; where: string },
): z.infer<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', `The ${of.what} cannot be read.`, {
      where: of.where,
      expected: `what the stage ${of.stage} writes`,
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}
