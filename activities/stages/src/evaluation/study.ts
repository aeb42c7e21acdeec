/** A study: arms that differ in one thing, each trained with several seeds, all judged on the same images. */
import { VitrineError, type StageParams } from '@vitrine/contracts';
import { comparePaired, mcnemar, type McNemar, type PairedComparison } from '@vitrine/ml-statistics';
import { conditionName } from '../report/text.js';
import type { Predictions } from './predictions-artifact.js';

export interface LabelledPredictions {
  /** Arm and seed: `hardened-1`. */
  readonly label: string;
  readonly predictions: Predictions;
}

/** One arm against another under one condition. */
export interface StudyRow {
  readonly condition: string;
  /** Mean accuracies over seeds and images. */
  readonly accuracy: number;
  readonly otherAccuracy: number;
  readonly comparison: PairedComparison;
  /** Seed by seed; of conditions that are one and not a mean. */
  readonly tests: readonly McNemar[];
}

/** Two arms of a study, compared under every condition that both were judged under. */
export interface ArmComparison {
  readonly arm: string;
  readonly against: string;
  /** What the two differ in, where that was said. */
  readonly differsIn: string | undefined;
  readonly rows: readonly StudyRow[];
}

export interface Study {
  readonly seeds: readonly number[];
  readonly images: number;
  readonly comparisons: readonly ArmComparison[];
}

/** One control for all arms, or the pairs that are to be compared. */
export type StudyPlan = Pick<StageParams<'report'>, 'control' | 'comparisons'>;

/** Right answers, condition by condition. */
type Answers = ReadonlyMap<string, readonly boolean[]>;

/** @throws VitrineError InvalidSpec when the predictions are not those of a study */
export function studyOf(inputs: readonly LabelledPredictions[], plan: StudyPlan): Study {
  const arms = armsOf(inputs);
  checkSameImages(inputs);
  const pairs = pairsOf(plan, [...arms.keys()]);
  const seeds = [...(arms.get(pairs[0]?.against ?? '')?.keys() ?? [])].filter((seed) =>
    [...arms.values()].every((own) => own.has(seed)),
  );
  if (seeds.length === 0) throw refused('inputs.study', 'a seed that all arms have', 'none');
  const answers = (arm: string): Answers[] => seeds.map((seed) => arms.get(arm)?.get(seed) as Answers);
  return {
    seeds,
    images: inputs[0]?.predictions.labels.length ?? 0,
    comparisons: pairs.map(({ arm, against, differsIn }) => ({
      ...{ arm, against, differsIn },
      rows: compareArms(answers(arm), answers(against)),
    })),
  };
}

/** The answers of every arm, seed by seed. */
function armsOf(inputs: readonly LabelledPredictions[]): Map<string, Map<number, Answers>> {
  const arms = new Map<string, Map<number, Answers>>();
  for (const { label, predictions } of inputs) {
    const [, arm, seed] = /^(.+)-(\d+)$/.exec(label) ?? [];
    if (arm === undefined)
      throw refused(`inputs.study.${label}`, 'the name of an arm, a dash and a seed', label);
    const seeds = arms.get(arm) ?? new Map<number, Answers>();
    arms.set(arm, seeds.set(Number(seed), answersOf(predictions)));
  }
  return arms;
}

type Pair = Omit<ArmComparison, 'rows'>;

function pairsOf({ control, comparisons }: StudyPlan, arms: readonly string[]): Pair[] {
  const known = `one of ${arms.join(', ')}`;
  if (!comparisons) {
    const against = control ?? 'control';
    if (!arms.includes(against) || arms.length < 2)
      throw refused('params.control', `an arm beside others, ${known}`, against);
    return arms.filter((arm) => arm !== against).map((arm) => ({ arm, against, differsIn: undefined }));
  }
  comparisons.forEach(({ arm, against }, at) => {
    for (const [name, side] of Object.entries({ arm, against }))
      if (!arms.includes(side)) throw refused(`params.comparisons.${at}.${name}`, known, side);
  });
  return comparisons;
}

const refused = (where: string, expected: string, actual: string): VitrineError =>
  new VitrineError('InvalidSpec', 'The predictions do not make a study.', { where, expected, actual });

function checkSameImages(inputs: readonly LabelledPredictions[]): void {
  const [first] = inputs;
  const other = inputs.find(
    ({ predictions }) =>
      predictions.datasetSha256 !== first?.predictions.datasetSha256 ||
      predictions.labels.length !== first.predictions.labels.length,
  );
  if (first && other)
    throw refused(`inputs.study.${other.label}`, `the test images of ${first.label}`, 'others');
}

function answersOf({ conditions, logits, classes, labels }: Predictions): Answers {
  return new Map(
    conditions.map((condition, i) => {
      const rows = logits[i] as Float32Array;
      return [
        conditionName(condition),
        labels.map((label, image) => {
          const row = rows.subarray(image * classes, (image + 1) * classes);
          const own = row[label] ?? NaN;
          // As accuracies are counted: the first of equals wins, and a row without a number is wrong.
          return row.every((score, k) => (k < label ? own > score : own >= score));
        }),
      ];
    }),
  );
}

/** Corruptions are many: beside each condition there is their mean, image by image. */
const CORRUPTION = /, severity \d$/;

function compareArms(arm: readonly Answers[], other: readonly Answers[]): StudyRow[] {
  const shared = [...(arm[0]?.keys() ?? [])].filter((name) =>
    [...arm, ...other].every((own) => own.has(name)),
  );
  const corruptions = shared.filter((name) => CORRUPTION.test(name));
  const single = shared.filter((name) => !CORRUPTION.test(name));
  return [
    ...single.map((name) => compare(name, [name], { arm, other })),
    ...(corruptions.length > 0
      ? [compare(`Corruptions, mean of ${corruptions.length}`, corruptions, { arm, other })]
      : []),
  ];
}

function compare(
  condition: string,
  names: readonly string[],
  { arm, other }: { readonly arm: readonly Answers[]; readonly other: readonly Answers[] },
): StudyRow {
  const scores = (of: Answers): number[] => {
    const lists = names.map((name) => of.get(name) ?? []);
    return (lists[0] ?? []).map((_, image) => lists.filter((list) => list[image]).length / lists.length);
  };
  const [ours, theirs] = [arm.map(scores), other.map(scores)];
  const values = ours.flatMap((row, seed) =>
    row.map((score, image) => score - (theirs[seed]?.[image] ?? NaN)),
  );
  const meanOf = (rows: readonly number[][]): number =>
    rows.flat().reduce((sum, value) => sum + value, 0) / values.length;
  const [name = ''] = names;
  return {
    condition,
    accuracy: meanOf(ours),
    otherAccuracy: meanOf(theirs),
    comparison: comparePaired({ values, seeds: ours.length, images: values.length / ours.length }),
    tests:
      names.length > 1
        ? []
        : arm.map((own, seed) => mcnemar(own.get(name) ?? [], other[seed]?.get(name) ?? [])),
  };
}
