/** Of every kind of stage: what of its results follows from stored bytes, computed anew from them. */
import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  conditionsOf,
  type ArtifactRef,
  type StageInputs,
  type StageKind,
  type StageParams,
} from '@vitrine/contracts';
import { certificationProduct } from '../certification/certification-product.js';
import { importedSummary } from '../certification/imported-summary.js';
import { evaluationOf, summaryOf } from '../evaluation/figures.js';
import { decodePredictions } from '../evaluation/predictions-artifact.js';
import { faithfulnessOf } from '../faithfulness/faithfulness-document.js';
import { DOCUMENTS, parsedArtifact } from '../parsed-artifact.js';
import type { StageIdentity } from '../stage-context.js';
import { History } from '../training/history.js';

/** What a stage had and gave. */
export interface Evidence<K extends StageKind> {
  readonly identity: StageIdentity;
  readonly params: StageParams<K>;
  readonly inputs: StageInputs<K>;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Reads what is stored. */
  readonly artifacts: ArtifactStore;
}

export interface Rederived {
  /** Outputs that follow from others, as they come out now. */
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Fields of the summary that do. */
  readonly summary: Readonly<Record<string, unknown>>;
  /** Why no stored bytes give the rest; absent where there is no rest. */
  readonly measured?: string;
}

type Rederivation<K extends StageKind> = (evidence: Evidence<K>) => Promise<Rederived>;

export const REDERIVE: { readonly [K in StageKind]: Rederivation<K> } = {
  evaluate: async ({ params, inputs, outputs, artifacts }) => {
    const { predictions, evaluation } = named(outputs, 'predictions', 'evaluation');
    const { dataset, classNames } = await parsedArtifact(artifacts, evaluation, DOCUMENTS.evaluation);
    const modelSha256 = inputs.model.sha256;
    const asked = params.conditions.flatMap(conditionsOf);
    const answers = decodePredictions(await artifacts.get(predictions), predictions.uri);
    const again = evaluationOf({ dataset, classNames, modelSha256, asked }, answers);
    const text = new TextEncoder().encode(JSON.stringify(again));
    return { outputs: { evaluation: await artifacts.put('evaluation', text) }, summary: summaryOf(again) };
  },
  certify: async ({ params, inputs, outputs, artifacts }) => {
    const { certification } = named(outputs, 'certification');
    const { origin, examples } = await parsedArtifact(artifacts, certification, DOCUMENTS.certification);
    if (origin.kind === 'imported') throw new RangeError('origin.kind: expected computed, got imported');
    return certificationProduct({ params, inputs, artifacts }, origin, examples);
  },
  'import-certificates': async ({ outputs, artifacts }) => {
    const { certification } = named(outputs, 'certification');
    const { examples } = await parsedArtifact(artifacts, certification, DOCUMENTS.certification);
    return { outputs: {}, summary: importedSummary(examples) };
  },
  'judge-attention': async ({ params, inputs, outputs, artifacts }) => {
    const { faithfulness } = named(outputs, 'faithfulness');
    const stored = await parsedArtifact(artifacts, faithfulness, DOCUMENTS.faithfulness);
    const again = faithfulnessOf({ params, inputs }, stored, stored.images);
    const text = new TextEncoder().encode(JSON.stringify(again));
    return {
      outputs: { faithfulness: await artifacts.put('faithfulness', text) },
      summary: again.figures,
    };
  },
  report: async (evidence) => {
    const { reportStage } = await import('../report.stage.js');
    return reportStage(evidence);
  },
  train: (evidence) => ofHistory(evidence, evidence.params.stopAfterEpochs === undefined),
  'augmented-finetune': (evidence) => ofHistory(evidence, true),
  'train-denoiser': measured('losses were measured while it trained'),
  'train-diffmask': measured('losses were measured while it trained'),
  'nullspace-noise': measured('the influence of a noise was measured while it was found'),
  'noise-influence': measured('influences were measured on the model; no logits of them are stored'),
  explain: measured('scores of maps were measured on the model; no logits of them are stored'),
  'stored-model': async ({ outputs, artifacts }) => {
    const { model } = named(outputs, 'model');
    const { length } = await artifacts.get(model);
    return { outputs: {}, summary: { weightsSha256: model.sha256, bytes: length } };
  },
  'import-model': measured('its figures are of the file that it read'),
  'import-denoiser': measured('its figures are of the file that it read'),
  command: measured('its program says what it found'),
  package: measured('its package says what it found'),
  noop: measured('it computes nothing'),
};

function measured(reason: string): () => Promise<Rederived> {
  return () => Promise.resolve({ outputs: {}, summary: {}, measured: reason });
}

/** What the summary of a training takes from its history, and whose digest it names. */
async function ofHistory(
  { outputs, artifacts }: Pick<Evidence<'train'>, 'outputs' | 'artifacts'>,
  judgedLast: boolean,
): Promise<Rederived> {
  const { history, model } = named(outputs, 'history', 'model');
  const rows = History.parse(new TextDecoder().decode(await artifacts.get(history)), history.uri);
  return {
    outputs: {},
    summary: {
      finalLoss: rows.last('step')?.loss ?? NaN,
      parameters: rows.last('stage')?.parameters ?? NaN,
      weightsSha256: model.sha256,
      ...(judgedLast && { testAccuracy: rows.last('evaluation')?.accuracy ?? NaN }),
    },
    measured: 'losses and accuracies were measured while it trained: they are as its history has them',
  };
}

/** @throws RangeError when the stage gave no such outputs */
function named<N extends string>(
  outputs: Readonly<Record<string, ArtifactRef>>,
  ...names: N[]
): Record<N, ArtifactRef> {
  const entries = names.map((name) => {
    const ref = outputs[name];
    if (!ref) throw new RangeError(`outputs.${name}: expected an artifact, got none`);
    return [name, ref] as const;
  });
  return Object.fromEntries(entries) as Record<N, ArtifactRef>;
}
