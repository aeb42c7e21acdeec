/**
 * The one way axes move: a small part of einops (Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with
 * Einstein-like Notation", ICLR 2022). Names, `1` and one level of parentheses; no ellipsis, no reduction, no repeat.
 */
import * as tf from '@tensorflow/tfjs-core';
import { formatShape, ShapeError } from './shape.js';

/** One axis of a tensor: the elementary axes it is made of, slowest first; none for a unit axis. */
type Group = readonly string[];

/** A pattern that cannot mean anything, whatever the tensor. */
export class RearrangeError extends Error {
  override readonly name = 'RearrangeError';

  constructor(
    readonly pattern: string,
    readonly problem: string,
  ) {
    super(`rearrange '${pattern}': ${problem}`);
  }
}

interface Parsed {
  readonly left: readonly Group[];
  readonly right: readonly Group[];
}

function parseSide(pattern: string, side: string): readonly Group[] {
  const rest = side.replaceAll(/\(([^()]*)\)|[A-Za-z_]\w*|1(?!\w)|\s+/g, '');
  if (rest !== '') throw new RearrangeError(pattern, `cannot read '${rest}'`);
  const groups = [...side.matchAll(/\(([^()]*)\)|[A-Za-z_]\w*|1(?!\w)/g)].map(([token, inner]) =>
    (inner ?? token).split(/\s+/).filter((name) => name !== '' && name !== '1'),
  );
  const names = groups.flat();
  const odd = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd !== undefined) throw new RearrangeError(pattern, `'${odd}' is no axis name`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new RearrangeError(pattern, `axis '${twice}' stands twice on one side`);
  return groups;
}

const parsedPatterns = new Map<string, Parsed>();

function parse(pattern: string): Parsed {
  const known = parsedPatterns.get(pattern);
  if (known) return known;
  const sides = pattern.split('->');
  const [leftText, rightText] = sides;
  if (leftText === undefined || rightText === undefined || sides.length !== 2)
    throw new RearrangeError(pattern, `expected exactly one '->'`);
  const left = parseSide(pattern, leftText);
  const right = parseSide(pattern, rightText);
  const rightNames = new Set(right.flat());
  const leftNames = new Set(left.flat());
  const lost = [...leftNames].find((name) => !rightNames.has(name));
  if (lost !== undefined) throw new RearrangeError(pattern, `axis '${lost}' is missing on the right`);
  const made = [...rightNames].find((name) => !leftNames.has(name));
  if (made !== undefined) throw new RearrangeError(pattern, `axis '${made}' is missing on the left`);
  const parsed = { left, right };
  parsedPatterns.set(pattern, parsed);
  return parsed;
}

type Sizes = Readonly<Record<string, number>>;

/** Lengths of all elementary axes: those given, and in each group at most one found by division. */
function solveLengths(pattern: string, shape: readonly number[], sizes: Sizes): Map<string, number> {
  const { left } = parse(pattern);
  const where = `rearrange '${pattern}'`;
  if (left.length !== shape.length)
    throw new ShapeError(where, `${left.length} axes`, `shape ${formatShape(shape)}`);
  const lengths = new Map<string, number>();
  left.forEach((group, axis) => {
    const extent = shape[axis] ?? 0;
    const unknown = group.filter((name) => sizes[name] === undefined);
    const known = group.reduce((product, name) => product * (sizes[name] ?? 1), 1);
    if (unknown.length > 1)
      throw new RearrangeError(pattern, `give the length of all but one of ${unknown.join(', ')}`);
    if (unknown.length === 0 ? known !== extent : known === 0 || extent % known !== 0)
      throw new ShapeError(
        `${where}, axis ${axis}`,
        unknown.length === 0 ? `length ${known}` : `a multiple of ${known}`,
        `${extent} in shape ${formatShape(shape)}`,
      );
    for (const name of group) lengths.set(name, sizes[name] ?? extent / known);
  });
  const stray = Object.keys(sizes).find((name) => !lengths.has(name));
  if (stray !== undefined)
    throw new RearrangeError(pattern, `a length is given for '${stray}', which is no axis`);
  return lengths;
}

const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);

/**
 * Splits, moves and merges axes: `rearrange(qkv, 'b n (h d) -> b h n d', { h: 3 })`. Differentiable; an axis order that
 * does not change costs no copy.
 * @throws RearrangeError if the pattern is wrong in itself, ShapeError if it does not fit the tensor
 */
export function rearrange<R extends tf.Rank = tf.Rank>(
  tensor: tf.Tensor,
  pattern: string,
  sizes: Sizes = {},
): tf.Tensor<R> {
  const lengths = solveLengths(pattern, tensor.shape, sizes);
  const { left, right } = parse(pattern);
  const order = left.flat();
  const moved = right.flat();
  const lengthOf = (name: string): number => lengths.get(name) ?? 1;
  const split = order.map(lengthOf);
  const permutation = moved.map((name) => order.indexOf(name));
  const merged = right.map((group) => group.reduce((product, name) => product * lengthOf(name), 1));
  return tf.tidy(() => {
    const elementary = equal(split, tensor.shape) ? tensor : tf.reshape(tensor, split);
    const isSorted = permutation.every((from, to) => from === to);
    const transposed = isSorted ? elementary : tf.transpose(elementary, permutation);
    return equal(transposed.shape, merged) && transposed !== tensor
      ? (transposed as tf.Tensor<R>)
      : tf.reshape<R>(transposed, merged as unknown as tf.ShapeMap[R]);
  });
}
