/** What smoothing can be asked for at all, by numbers alone: told at submit, where a wrong one costs nothing yet. */
import type { z } from 'zod';
import type { diffusionSpecSchema } from './denoiser-spec.js';

/** Fewest draws that can certify anything at this alpha: α^(1/n) must reach 1/2, when all draws agree. */
export const fewestDraws = (alpha: number): number => Math.ceil(Math.log(alpha) / Math.log(0.5) - 1e-9);

/** The noise schedules of `@vitrine/ml-diffusion`, which may not be imported here: a spec of the stages holds both equal. */
const LINEAR = { first: 1e-4, last: 0.02, steps: 1000 };
const COSINE = { offset: 0.008, largest: 0.999 };

/** The most noise that a diffusion holds, for pixels in [0, 1]: that of its last step. */
export function largestSigma({ schedule, steps }: z.infer<typeof diffusionSpecSchema>): number {
  const cosine = (i: number): number =>
    Math.cos(((i / steps + COSINE.offset) / (1 + COSINE.offset)) * (Math.PI / 2)) ** 2;
  const added = (t: number): number =>
    schedule === 'linear'
      ? (LINEAR.steps / steps) * (LINEAR.first + ((LINEAR.last - LINEAR.first) * t) / (steps - 1))
      : 1 - cosine(t + 1) / cosine(t);
  let kept = 1;
  for (let t = 0; t < steps; t++) kept *= 1 - Math.min(added(t), COSINE.largest);
  return Math.sqrt((1 - kept) / kept) / 2;
}

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Why this denoiser cannot take away so much noise; undefined when it can. */
export function sigmaProblem(
  sigma: number,
  diffusion: z.infer<typeof diffusionSpecSchema>,
): string | undefined {
  const largest = largestSigma(diffusion);
  if (sigma <= largest) return undefined;
  return `expected at most ${largest.toPrecision(6)}, what the ${diffusion.steps} steps of the denoiser reach, got ${sigma}`;
}

/** Why the top k of so many tokens cannot be asked for; undefined when it can. */
export function topKProblem(k: number, tokens: number): string | undefined {
  return k < tokens
    ? undefined
    : `expected from 1 to ${tokens - 1}, fewer than the model's ${tokens} tokens, got ${k}`;
}

/** Why attention cannot be certified by these draws: votes of every token are bounded at a share of alpha. */
export function attentionClaimProblem(
  { k, draws }: { readonly k: number; readonly draws: number },
  { tokens, alpha }: { readonly tokens: number; readonly alpha: number },
): Problem | undefined {
  const tooLarge = topKProblem(k, tokens);
  if (tooLarge) return { path: ['k'], message: tooLarge };
  const least = fewestDraws(alpha / tokens);
  if (draws >= least) return undefined;
  const message = `expected at least ${least}, the fewest that can certify anything of ${tokens} tokens at alpha ${alpha} for all, got ${draws}`;
  return { path: ['draws'], message };
}
