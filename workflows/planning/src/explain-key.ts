import type { CacheParts, KeyDifference } from '@vitrine/contracts';
import { byName } from './by-name.js';
import { canonicalJson } from './canonical-json.js';

/** Parts of which one side may not know all: a stage that failed has no numerics. */
type Known = Partial<CacheParts>;

/** Sides by part, in the order in which people look for causes. */
const ORDER = ['project', 'kind', 'codeVersion', 'params', 'seed', 'inputs', 'chunk', 'profile'] as const;

/** Every field in which the parts of two keys differ. Parts that one side does not know are not compared. */
export function keyDifferences(before: Known, after: Known): KeyDifference[] {
  return ORDER.flatMap((part) => {
    const [old, now] = [before[part], after[part]];
    if (old === undefined || now === undefined) return [];
    const [olds, nows] = [leavesOf(old), leavesOf(now)];
    const fields = [...new Set([...olds.keys(), ...nows.keys()])].sort(byName);
    return fields
      .filter((field) => olds.get(field) !== nows.get(field))
      .map((field) => difference({ part, field, before: olds.get(field), after: nows.get(field) }));
  });
}

/** The one that differs least; among equals the first. Undefined when there is none. */
export function nearest<T extends { readonly parts: Known }>(
  candidates: readonly T[],
  parts: Known,
): { readonly candidate: T; readonly differences: readonly KeyDifference[] } | undefined {
  let best: { candidate: T; differences: readonly KeyDifference[]; weight: number } | undefined;
  for (const candidate of candidates) {
    const differences = keyDifferences(candidate.parts, parts);
    // First by how many parts differ: ten changed parameters are one cause, parameters and code are two.
    const weight = new Set(differences.map(({ part }) => part)).size * 1e6 + differences.length;
    if (best === undefined || weight < best.weight) best = { candidate, differences, weight };
  }
  return best && { candidate: best.candidate, differences: best.differences };
}

const WORDS: Readonly<Record<KeyDifference['part'], string>> = {
  project: 'the project',
  kind: 'the kind',
  codeVersion: 'the code of the kind',
  params: 'the parameter',
  seed: 'the seed',
  inputs: 'the input',
  chunk: 'the chunk',
  profile: 'the numerics of the worker,',
};

interface Difference {
  readonly part: KeyDifference['part'];
  readonly field: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function difference({ part, field, before, after }: Difference): KeyDifference {
  const what = field === '' ? WORDS[part] : `${WORDS[part]} ${field}`;
  const was = before === undefined ? 'was not there' : `was ${before}`;
  const is = after === undefined ? 'is no longer there' : `is ${after}`;
  return {
    part,
    field,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    text: `${what}: ${was}, ${is}`,
  };
}

/** Names that would not be told from a path, or from nothing, are quoted. */
const PLAIN_NAME = /^[^."]+$/;

/** Leaves of a JSON value by their dotted path; arrays are leaves, since their elements have no names. */
function leavesOf(value: unknown): Map<string, string> {
  const leaves = new Map<string, string>();
  const visit = (at: unknown, path: string): void => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || Object.keys(at).length === 0)
      leaves.set(path, canonicalJson(at));
    else
      for (const [name, inner] of Object.entries(at)) {
        const field = PLAIN_NAME.test(name) ? name : JSON.stringify(name);
        if (inner !== undefined) visit(inner, path === '' ? field : `${path}.${field}`);
      }
  };
  visit(value, '');
  return leaves;
}
