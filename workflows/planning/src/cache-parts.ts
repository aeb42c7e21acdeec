import type { ArtifactRef, CacheParts, StageJob } from '@vitrine/contracts';
import { canonicalJson } from './canonical-json.js';

/** What of a job its result depends on, apart from the numerics of the worker that computes it. */
export type Recipe = Omit<CacheParts, 'profile'>;

type Resolved = StageJob['inputs'][string];

/** Names of run and stage, pool, retries, timeouts and devices decide when and where, not what comes out. */
export function recipeOf({ project, kind, codeVersion, params, seed, inputs, part }: StageJob): Recipe {
  const digests = Object.entries(inputs).map(([port, input]) => [port, digestsOf(input)]);
  const recipe = { project, kind, codeVersion, params, seed, inputs: Object.fromEntries(digests) };
  return part?.step === 'chunk' ? { ...recipe, chunk: { first: part.first, count: part.count } } : recipe;
}

/** What the key is the sha256 of. The version is raised when equal parts come to mean something else. */
export function cacheKeyText(parts: CacheParts): string {
  return canonicalJson({ version: 1, ...parts });
}

function digestsOf(input: Resolved): string | Record<string, string> {
  if (isArtifact(input)) return input.sha256;
  return Object.fromEntries(Object.entries(input).map(([label, { sha256 }]) => [label, sha256]));
}

function isArtifact(input: Resolved): input is ArtifactRef {
  return typeof input['sha256'] === 'string';
}
