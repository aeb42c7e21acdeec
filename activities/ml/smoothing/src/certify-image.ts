/** One image from its draws to its certificates: pure work on a range of draws, so that images can be shared out anyhow. */
import { voteOrder, voteRadius } from './attention-votes.js';
import { certify, predict, topClass, type Certificate, type Prediction } from './certify.js';
import type { Drawer, DrawnImage } from './draws.js';
import { abstainsEarly } from './early-abstention.js';
import { renyiPredictionRadius, lipschitzTopKRadius, renyiTopKRadius } from './faithful-region.js';
import { stableTopK, type TopKClaim } from './top-k.js';

export interface CertifyPlan {
  readonly sigma: number;
  /** Of the class's certificate. */
  readonly alpha: number;
  /** Draws that choose the class, and those that bound its probability. */
  readonly selection: number;
  readonly draws: number;
  /** Draws after which the image is looked at for an early abstention. */
  readonly batch: number;
  /** As `AbstentionRule`; `never` draws all. */
  readonly abstention: 'never' | 'certain' | { readonly risk: number };
  readonly attention?: (TopKClaim & { readonly alpha: number; readonly draws: number }) | undefined;
}

export interface CertifiedAttention {
  /** Mean over the draws, on the simplex. */
  readonly mean: Float32Array;
  /** Tokens with the most votes: those that the certificate is about. */
  readonly top: readonly number[];
  /** Certified: the top tokens keep their share within this distance. */
  readonly radius: number;
  /** Of the mean as if it were exact; estimates, no certificates. */
  readonly estimates: { readonly renyi: number; readonly lipschitz: number };
}

export interface CertifiedImage {
  readonly certificate: Certificate;
  /** PREDICT on the draws that chose the class. */
  readonly prediction: Prediction;
  /** Draws made, of all kinds. */
  readonly drawn: number;
  /** Rényi's radius of the same bound; 0 without a certificate. */
  readonly renyi: number;
  readonly attention?: CertifiedAttention;
}

/** Yields after every batch of draws. @throws NonFiniteLogitsError */
export function* certifyImage(
  drawer: Drawer,
  image: DrawnImage,
  plan: CertifyPlan & { readonly classes: number },
): Generator<void, CertifiedImage, void> {
  const chosen = countsOf(yield* drawer.labels(image, { first: 0, count: plan.selection }), plan.classes);
  const label = topClass(chosen);
  const counts = new Array<number>(plan.classes).fill(0);
  let done = 0;
  while (done < plan.draws && !gaveUp({ hits: counts[label] ?? 0, done }, plan)) {
    const count = Math.min(plan.batch, plan.draws - done);
    const found = yield* drawer.labels(image, { first: plan.selection + done, count });
    countsOf(found, plan.classes).forEach((hits, k) => (counts[k] = (counts[k] ?? 0) + hits));
    done += count;
  }
  const certificate = done < plan.draws ? ({ outcome: 'abstained' } as const) : certify(label, counts, plan);
  const bound = certificate.outcome === 'certified' ? certificate.probability : 0.5;
  const attention =
    plan.attention && (yield* certifyAttention(drawer, image, { ...plan, attention: plan.attention }));
  return {
    certificate,
    prediction: predict(chosen, plan.alpha),
    drawn: plan.selection + done + (plan.attention ? 2 * plan.attention.draws : 0),
    renyi: certificate.outcome === 'certified' ? renyiPredictionRadius([bound, 1 - bound], plan.sigma) : 0,
    ...(attention && { attention }),
  };
}

function gaveUp(seen: { readonly hits: number; readonly done: number }, plan: CertifyPlan): boolean {
  const { abstention, draws, alpha } = plan;
  if (abstention === 'never') return false;
  return abstainsEarly(seen, { draws, alpha, risk: abstention === 'certain' ? undefined : abstention.risk });
}

const countsOf = (labels: Int32Array, classes: number): number[] => {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

type AttentionPlan = CertifyPlan & { readonly attention: NonNullable<CertifyPlan['attention']> };

/** Draws of their own rank the tokens; as many more bound their votes. */
function* certifyAttention(
  drawer: Drawer,
  image: DrawnImage,
  { attention: claim, selection, draws, sigma }: AttentionPlan,
): Generator<void, CertifiedAttention, void> {
  const first = selection + draws;
  const ranking = yield* smoothedAttention(drawer, image, { first, count: claim.draws, k: claim.k });
  const bounds = yield* smoothedAttention(drawer, image, {
    first: first + claim.draws,
    count: claim.draws,
    k: claim.k,
  });
  const order = voteOrder({ hits: ranking.votes, draws: claim.draws });
  return {
    mean: bounds.mean,
    top: order.slice(0, claim.k),
    radius: voteRadius({ hits: bounds.votes, draws: claim.draws }, order, { ...claim, sigma }),
    estimates: {
      renyi: renyiTopKRadius(bounds.mean, claim, sigma),
      lipschitz: lipschitzTopKRadius(bounds.mean, claim, sigma),
    },
  };
}

export interface SmoothedAttention {
  /** Mean of the draws' attention, on the simplex. */
  readonly mean: Float32Array;
  /** Draws in whose top k each token was. */
  readonly votes: Int32Array;
  /** Draws that the classifier gave to each class. */
  readonly counts: readonly number[];
}

/** Attention of an image under noise, and behind the denoiser where there is one: from (model, image, draws) alone. */
export function* smoothedAttention(
  drawer: Drawer,
  image: DrawnImage,
  { first, count, k }: { readonly first: number; readonly count: number; readonly k: number },
): Generator<void, SmoothedAttention, void> {
  const { attention, logits } = yield* drawer.sights(image, { first, count });
  const tokens = attention[0]?.length ?? 0;
  const sums = new Float64Array(tokens);
  const votes = new Int32Array(tokens);
  const counts = new Array<number>(logits[0]?.length ?? 0).fill(0);
  attention.forEach((map, draw) => {
    map.forEach((value, token) => (sums[token] = (sums[token] ?? 0) + value));
    for (const token of stableTopK(map, k)) votes[token] = (votes[token] ?? 0) + 1;
    const label = topClass(logits[draw] ?? []);
    counts[label] = (counts[label] ?? 0) + 1;
  });
  const total = sums.reduce((sum, value) => sum + value, 0);
  return { mean: Float32Array.from(sums, (value) => value / total), votes, counts };
}

/** Runs generators of this package to their end. */
export function complete<T>(work: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
