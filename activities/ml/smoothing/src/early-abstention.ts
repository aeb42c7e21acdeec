/**
 * When further draws are of no use. Abstaining is always sound: the guarantee bounds the probability of a wrong
 * certificate, and whoever abstains issues none. So a certification may stop and abstain at any time by any rule, and
 * alpha stays what it is; only stopping early to *certify* would spend it twice.
 */
import { majorityCertain, upperBound } from './clopper-pearson.js';

export interface AbstentionRule {
  /** Draws of a whole certification. */
  readonly draws: number;
  readonly alpha: number;
  /**
   * Also stop when the label's probability is below 1/2 with this risk of error, judged anew after each batch. Undefined:
   * only when no outcome of the remaining draws could certify, which changes no result at all.
   */
  readonly risk?: number | undefined;
}

/** Whether to abstain after `hits` of `done` draws. */
export function abstainsEarly(
  { hits, done }: { readonly hits: number; readonly done: number },
  { draws, alpha, risk }: AbstentionRule,
): boolean {
  if (done === 0) return false;
  if (!majorityCertain({ hits: hits + draws - done, draws }, alpha)) return true;
  return risk !== undefined && upperBound({ hits, draws: done }, risk) < 0.5;
}
