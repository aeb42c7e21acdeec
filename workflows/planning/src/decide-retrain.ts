import type { ModelComparison, ModelScore, PromotionRule, RetrainDecision } from '@vitrine/contracts';

export interface RetrainFigures {
  readonly rule: PromotionRule;
  readonly candidate: ModelScore;
  /** Absent together: there was no champion. */
  readonly champion?: ModelScore | undefined;
  readonly comparison?: ModelComparison | undefined;
  /** Of the champion, when it was promoted. */
  readonly promotedAs?: ModelScore | undefined;
}

/**
 * Whether the candidate becomes the champion. It has to be better by more than the margin, by the interval of the paired differences and by
 * McNemar's test. A candidate that is as clearly worse, and a champion that has become worse than it was, are for somebody to look at.
 */
export function decideRetrain(figures: RetrainFigures): Pick<RetrainDecision, 'decision' | 'reasons'> {
  const { rule, candidate, champion, comparison, promotedAs } = figures;
  if (!champion || !comparison)
    return {
      decision: 'promote',
      reasons: [`there was no champion; the candidate answers ${percent(candidate.accuracy)} right`],
    };
  const { difference, low, high, pValue, candidateOnly, championOnly } = comparison;
  const told = pValue < rule.significance;
  const figure = `${signed(difference)} points, 95 % interval ${signed(low)} to ${signed(high)}; ${candidateOnly} images only the candidate answers right, ${championOnly} only the champion, p = ${pValue.toPrecision(2)}`;
  if (told && low > rule.margin)
    return { decision: 'promote', reasons: [`the candidate is better: ${figure}`] };
  const reasons: string[] = [];
  if (told && high < -rule.margin) reasons.push(`the candidate is worse: ${figure}`);
  if (promotedAs && champion.high < promotedAs.low)
    reasons.push(
      `the champion has become worse: ${percent(champion.accuracy)} against ${percent(promotedAs.accuracy)} when it was promoted, and their intervals do not meet`,
    );
  if (reasons.length > 0) return { decision: 'alert', reasons };
  return { decision: 'keep', reasons: [`the candidate is not better than the champion: ${figure}`] };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)}`;
