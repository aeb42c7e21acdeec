/**
 * AdamW on variables in place. Written out (`adamw.ts` of ml/optim), an update reads and writes memory of the size of a
 * parameter a dozen times, and every new value is a second copy; TensorFlow's `ResourceApplyAdam` makes one pass over the
 * four arrays and leaves its results where they were. The pattern is recognised by its structure:
 *
 *     m′ = m·β₁ + g·(1 − β₁)        v′ = v·β₂ + g²·(1 − β₂)        p′ = [p·decay or p] − (m′ / (√v′ + ε)) · stepSize
 *
 * with p, m, v entries of the state that nothing replaces otherwise, and nothing but the state takes the new values.
 */
import { constantBytes, DTYPE, factsOf, type Endpoint, type GraphNode } from './graph.js';
import type { RecordedFunction } from './lower.js';

export interface AdamUpdate {
  /** Entries of the state. */
  readonly p: string;
  readonly m: string;
  readonly v: string;
  readonly gradient: Endpoint;
  readonly stepSize: Endpoint;
  readonly epsilon: Endpoint;
  /** The factor on p before the step; absent where it does not decay. */
  readonly decay: Endpoint | undefined;
  readonly beta1: Endpoint;
  readonly beta2: Endpoint;
}

type Operands = readonly [Endpoint, Endpoint];

function operands(end: Endpoint | undefined, op: string): Operands | undefined {
  if (end?.node.op !== op) return undefined;
  const [left, right] = end.node.inputs;
  return left && right ? [left, right] : undefined;
}

const operand = (end: Endpoint | undefined, op: string): Endpoint | undefined =>
  end?.node.op === op ? end.node.inputs[0] : undefined;

const same = (a: Endpoint | undefined, b: Endpoint | undefined): boolean =>
  a !== undefined && b !== undefined && a.node === b.node && a.output === b.output;

/** old·β + x·(1 − β), of an entry of the state. */
function movingAverage(
  end: Endpoint,
  old: Endpoint | undefined,
): { readonly beta: Endpoint; readonly of: Endpoint } | undefined {
  const sum = operands(end, 'Add');
  const [kept, beta] = operands(sum?.[0], 'Mul') ?? [];
  const [of, rest] = operands(sum?.[1], 'Mul') ?? [];
  if (!same(kept, old) || !beta || !of || !rest) return undefined;
  const [share, other] = [scalarValue(beta), scalarValue(rest)];
  const complete =
    share !== undefined && other !== undefined && Math.abs(1 - share - other) <= ROUNDING ? beta : undefined;
  return complete && { beta: complete, of };
}

/** Of 1 in float32: β and 1 − β are rounded, each by itself. */
const ROUNDING = 2 ** -23;

const isScalar = (end: Endpoint): boolean => factsOf(end).shape.length === 0;

/** The number that a constant holds; undefined unless it is one. */
function scalarValue(end: Endpoint): number | undefined {
  const bytes = isScalar(end) && factsOf(end).dtype === DTYPE.float32 ? constantBytes(end) : undefined;
  return bytes && new Float32Array(bytes.slice().buffer)[0];
}

function matchUpdate(
  recorded: RecordedFunction,
  p: string,
  entryOf: (end: Endpoint | undefined) => string | undefined,
): AdamUpdate | undefined {
  const before = recorded.state[p];
  const [kept, move] = operands(recorded.newState[p], 'Sub') ?? [];
  const [direction, stepSize] = operands(move, 'Mul') ?? [];
  const [nextM, denominator] = operands(direction, 'RealDiv') ?? [];
  const [root, epsilon] = operands(denominator, 'Add') ?? [];
  const nextV = operand(root, 'Sqrt');
  const [m, v] = [entryOf(nextM), entryOf(nextV)];
  if (!kept || !stepSize || !nextM || !epsilon || !nextV || m === undefined || v === undefined)
    return undefined;
  const [decayed, decay] = operands(kept, 'Mul') ?? [];
  if (!same(kept, before) && !same(decayed, before)) return undefined;
  const first = movingAverage(nextM, recorded.state[m]);
  const second = movingAverage(nextV, recorded.state[v]);
  const gradient = first?.of;
  if (!first || !second || !gradient || !same(operand(second.of, 'Square'), gradient)) return undefined;
  const factor = same(kept, before) ? undefined : decay;
  // The kernel takes numbers for its rates, and a gradient of the shape of its parameter.
  if (![stepSize, epsilon, ...(factor ? [factor] : [])].every(isScalar) || !sameShape(gradient, before))
    return undefined;
  return {
    ...{ p, m, v, gradient, stepSize, epsilon },
    decay: factor,
    beta1: first.beta,
    beta2: second.beta,
  };
}

const sameShape = (a: Endpoint, b: Endpoint | undefined): boolean =>
  b !== undefined && factsOf(a).shape.join() === factsOf(b).shape.join();

/** How often each node is an input of another one, or a result. */
export function uses(
  recorded: RecordedFunction,
  nodes: readonly GraphNode[],
): ReadonlyMap<GraphNode, number> {
  const counts = new Map<GraphNode, number>();
  const ends = [...Object.values(recorded.newState), ...Object.values(recorded.outputs)];
  for (const { node } of [...nodes.flatMap(({ inputs }) => inputs), ...ends])
    counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

/** The updates that a function makes of entries of its state and of nothing else. */
export function findAdamUpdates(
  recorded: RecordedFunction,
  nodes: readonly GraphNode[],
): readonly AdamUpdate[] {
  const counts = uses(recorded, nodes);
  const next = new Map(Object.entries(recorded.newState).map(([entry, { node }]) => [node, entry]));
  const entryOf = (end: Endpoint | undefined): string | undefined => end && next.get(end.node);
  return Object.keys(recorded.newState).flatMap((p) => {
    const update = matchUpdate(recorded, p, entryOf);
    if (!update) return [];
    const { newState, state } = recorded;
    const usedBy = (end: Endpoint | undefined, users: number): boolean =>
      end !== undefined && counts.get(end.node) === users;
    // p′ is a result, m′ and v′ are used by the update as well, and m and v by theirs: anybody else would have to see them
    // before they are written over.
    const apart =
      usedBy(newState[p], 1) &&
      [update.m, update.v].every((moment) => usedBy(newState[moment], 2) && usedBy(state[moment], 1));
    return apart ? [update] : [];
  });
}
