/** Every figure of an evaluation, from the stored answers and nothing else: what the stage says, and what `vitrine verify` holds it to. */
import {
  evaluationSchema,
  type Condition,
  type conditionResultSchema,
  type StageSummary,
} from '@vitrine/contracts';
import { calibrationOf } from '@vitrine/ml-statistics';
import { accuracyOf, wilsonInterval } from '@vitrine/ml-training';
import type { z } from 'zod';
import { corruptionSummary } from './corruptions.js';
import { maskingChecks } from './masking.js';
import type { Predictions } from './predictions-artifact.js';

type Evaluation = z.infer<typeof evaluationSchema>;
type ConditionResult = z.infer<typeof conditionResultSchema>;

/** What the answers are answers to, and of which conditions somebody wants to hear. */
export interface Judgement {
  readonly dataset: string;
  readonly classNames: readonly string[];
  readonly modelSha256: string;
  readonly asked: readonly Condition[];
}

export function evaluationOf(
  { dataset, classNames, modelSha256, asked }: Judgement,
  predictions: Predictions,
): Evaluation {
  const wanted = new Set(asked.map((condition) => JSON.stringify(condition)));
  const passes = [...predictions.conditions.keys()].filter((pass) =>
    wanted.has(JSON.stringify(predictions.conditions[pass])),
  );
  const conditions = passes.map((pass) => resultOf(predictions, pass));
  return evaluationSchema.parse({
    dataset,
    datasetSha256: predictions.datasetSha256,
    modelSha256,
    classNames: [...classNames],
    labels: [...predictions.labels],
    conditions,
    confusion: confusionMatrix(predictions),
    corruptions: corruptionSummary(conditions, classNames.length),
    calibration: passes.map(
      (pass) => calibrationOf({ ...predictions, logits: predictions.logits[pass] as Float32Array }) ?? null,
    ),
    masking: maskingChecks(conditions),
  });
}

/** The few of them that travel in the payload. */
export const summaryOf = ({ conditions, corruptions }: Evaluation): StageSummary<'evaluate'> => ({
  conditions,
  corruptions,
});

/** Where clean images stand among the conditions; −1 where they do not. */
export const cleanPass = (passes: readonly Condition[]): number =>
  passes.findIndex(({ kind }) => kind === 'clean');

function resultOf(predictions: Predictions, pass: number): ConditionResult {
  const condition = predictions.conditions[pass] as Condition;
  const { logits, distances, classes } = predictions;
  const images = predictions.labels.length;
  const correct = accuracyOf(logits[pass] as Float32Array, Int32Array.from(predictions.labels), classes);
  const [low, high] = wilsonInterval(correct, images);
  const changes = distances[pass];
  const distance = changes && changes.reduce((sum, value) => sum + value, 0) / images;
  return { condition, images, correct, accuracy: correct / images, low, high, distance };
}

/** Rows: true class; columns: predicted class; on clean images. */
function confusionMatrix({ conditions, logits, labels, classes }: Predictions): number[][] {
  const clean = logits[cleanPass(conditions)] as Float32Array;
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, image) => {
    const row = clean.subarray(image * classes, (image + 1) * classes);
    const predicted = row.indexOf(Math.max(...row));
    const counts = matrix[label];
    if (counts) counts[predicted] = (counts[predicted] ?? 0) + 1;
  });
  return matrix;
}
