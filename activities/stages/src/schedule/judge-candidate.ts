import type { ArtifactStore, ModelStore, RunStore } from '@vitrine/artifact-store';
import {
  CHAMPION_JUDGE,
  CHAMPION_STAGE,
  referenceParts,
  stageDefinition,
  VitrineError,
  type ArtifactRef,
  type EndedStart,
  type ModelComparison,
  type ModelScore,
  type RegisteredModel,
  type RetrainDecision,
  type RetrainStart,
  type SealedRun,
  type StageSummary,
} from '@vitrine/contracts';
import { champion, decideRetrain, promote } from '@vitrine/planning';
import { decodePredictions, type Predictions } from '../evaluation/predictions-artifact.js';
import { studyOf } from '../evaluation/study.js';

interface Stores {
  readonly runs: Pick<RunStore, 'getSealed'>;
  readonly models: ModelStore;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly clock: () => Date;
}

interface Retrained extends EndedStart {
  readonly retrain: RetrainStart;
}

interface Judged {
  readonly predictions: Predictions;
  readonly sha256: string;
  readonly score: ModelScore;
}

/**
 * Holds the candidate of a run against the champion that the run judged beside it, image by image, and promotes it when it is better.
 * Asked again it answers alike: what it promotes, it promotes once.
 * @throws VitrineError StorageUnavailable, ArtifactMissing, ArtifactCorrupt
 */
export async function judgeCandidate(stores: Stores, end: Retrained): Promise<RetrainDecision> {
  const { spec, retrain, runId, id } = end;
  const { project } = spec;
  const sealed = await stores.runs.getSealed(project, runId);
  if (!sealed) throw missing('The record of a re-training is gone.', `${project}/${runId}`);
  const rule = retrain.promote;
  const ours = await judged(stores.artifacts(project), sealed, { stage: retrain.judge, rule });
  const hasChampion = Object.hasOwn(sealed.request.spec.stages, CHAMPION_JUDGE);
  const theirs = hasChampion
    ? await judged(stores.artifacts(project), sealed, { stage: CHAMPION_JUDGE, rule })
    : undefined;
  const comparison = theirs && compare(ours, theirs);
  const known = await stores.models.get(project, retrain.model);
  const against = sealed.stages[CHAMPION_STAGE]?.outputs?.['model']?.sha256;
  const promotedAs = known?.versions.find(({ artifact }) => artifact.sha256 === against)?.score;
  const figures = { candidate: ours.score, champion: theirs?.score, comparison };
  const decided = decideRetrain({ rule, ...figures, promotedAs });
  const answer = {
    candidate: ours.score,
    ...(theirs && { champion: theirs.score }),
    ...(comparison && { comparison }),
  };
  if (decided.decision !== 'promote') return { ...decided, ...answer };
  const { stage, output, artifact } = candidateOf(sealed, retrain);
  let refused: string | undefined;
  const promotion = {
    ...{ project, model: retrain.model, id },
    at: stores.clock().toISOString(),
    by: `schedule/${spec.name}`,
    why: decided.reasons.join('; ').slice(0, 1000),
    candidate: { artifact, from: { runId, stage, output }, score: ours.score },
    evidence: {
      runId,
      candidateSha256: ours.sha256,
      ...(theirs && { championSha256: theirs.sha256 }),
      ...(comparison && { comparison }),
    },
  };
  const now = await stores.models.change(project, retrain.model, (model) => {
    refused = undefined;
    if (model?.changes.some((change) => change.id === id)) return undefined;
    // It was held against somebody who is champion no longer.
    if (model && champion(model).artifact.sha256 !== against) {
      refused = 'the champion has changed while the candidate was trained';
      return undefined;
    }
    const changed = promote(model, promotion);
    if (typeof changed !== 'string') return changed;
    refused = changed;
    return undefined;
  });
  if (refused !== undefined)
    return { ...answer, decision: refusedAs(now, artifact), reasons: [refused, ...decided.reasons] };
  const version = now?.changes.find((change) => change.id === id)?.version;
  return { ...decided, ...answer, ...(version !== undefined && { version }) };
}

/** The very bytes of the champion were trained again: nothing is new. */
function refusedAs(model: RegisteredModel | undefined, artifact: ArtifactRef): 'keep' | 'alert' {
  return model && champion(model).artifact.sha256 === artifact.sha256 ? 'keep' : 'alert';
}

function candidateOf(
  { request, stages }: SealedRun,
  { judge }: RetrainStart,
): { readonly stage: string; readonly output: string; readonly artifact: ArtifactRef } {
  const reference = String(request.spec.stages[judge]?.inputs['model']);
  const { stage, output } = referenceParts(reference);
  const artifact = stages[stage]?.outputs?.[output];
  if (artifact) return { stage, output, artifact };
  throw missing('The candidate is not in the record of its run.', `${request.runId}.${reference}`);
}

async function judged(
  artifacts: ArtifactStore,
  { stages, request }: SealedRun,
  { stage, rule }: { readonly stage: string; readonly rule: RetrainStart['promote'] },
): Promise<Judged> {
  const ref = stages[stage]?.outputs?.['predictions'];
  if (!ref) throw missing('A run has no predictions to compare.', `${request.runId}.${stage}`);
  const summary = stageDefinition('evaluate').summary.parse(
    stages[stage]?.summary,
  ) as StageSummary<'evaluate'>;
  const result = summary.conditions[rule.condition];
  if (!result)
    throw missing(
      'A run was not judged under the condition.',
      `${request.runId}.${stage}, condition ${rule.condition}`,
    );
  const whole = decodePredictions(await artifacts.get(ref), ref.uri);
  const condition = whole.conditions[rule.condition];
  const logits = whole.logits[rule.condition];
  if (!condition || !logits) throw missing('The predictions lack a condition.', ref.uri);
  const predictions = { ...whole, conditions: [condition], logits: [logits], distances: [] };
  const { images, accuracy, low, high } = result;
  const score = {
    condition: condition.kind,
    images,
    accuracy,
    low,
    high,
    datasetSha256: whole.datasetSha256,
  };
  return { predictions, sha256: ref.sha256, score };
}

function compare(ours: Judged, theirs: Judged): ModelComparison {
  const arms = [
    { label: 'candidate-1', predictions: ours.predictions },
    { label: 'champion-1', predictions: theirs.predictions },
  ];
  const { images, comparisons } = studyOf(arms, { control: 'champion' });
  const row = comparisons[0]?.rows[0];
  const [test] = row?.tests ?? [];
  if (!row || !test) throw new RangeError('a comparison of two models has one row and one test');
  const { difference, low, high } = row.comparison;
  return {
    ...{ condition: row.condition, images, difference, low, high },
    ...{ candidateOnly: test.firstOnly, championOnly: test.secondOnly, pValue: test.pValue },
  };
}

function missing(what: string, where: string): VitrineError {
  return new VitrineError('ArtifactMissing', what, { where, expected: 'what the run stored' });
}
