import { ExpansionProblem } from './expansion-problem.js';
import type { ForEach } from './for-each.js';

/** Stands where a value goes that each element has from its item. */
export class ItemValue {
  constructor(
    /** `item`, or a field of it. */
    readonly from: string,
    /** A value that is checked in its place as long as the items are not known. */
    readonly sample: unknown,
  ) {}
}

/** What every stage of a pipeline that is made many has in its `forEach`; the parameters are each stage's own. */
export type EachElement = Omit<ForEach, 'params' | 'byElement'>;

/**
 * A stage of a pipeline that is made many: one element for every item, which reads what the stages before it gave for the same
 * item.
 * @throws ExpansionProblem for a stage that is many by itself, and for an item's value where none can be
 */
export function eachElement(
  stage: Readonly<Record<string, unknown>>,
  each: EachElement,
  path: string,
): Record<string, unknown> {
  if (stage['forEach'] !== undefined)
    throw new ExpansionProblem(
      `${path}.forEach`,
      'expected none in a pipeline that is itself a stage with forEach, got one',
    );
  const places: Record<string, string> = {};
  const found = { path: `${path}.params`, places };
  const { params, ...others } = stage;
  const filled = withoutItems(params, '', found);
  return {
    ...(withoutItems(others, '', { path }) as Record<string, unknown>),
    ...(params !== undefined && { params: filled }),
    forEach: { ...each, params: places, byElement: true },
  };
}

interface Found {
  readonly path: string;
  /** Where items may go; nowhere when absent. */
  readonly places?: Record<string, string>;
}

function withoutItems(value: unknown, place: string, { path, places }: Found): unknown {
  if (value instanceof ItemValue) {
    if (!places || !/^\w+(\.\w+)*$/.test(place))
      throw new ExpansionProblem(
        place === '' ? path : `${path}.${place}`,
        `expected a value that is the same for all elements, got ${value.from}; items go into fields of params`,
      );
    places[place] = value.from;
    return value.sample;
  }
  const inner = (key: string, item: unknown): unknown =>
    withoutItems(item, place === '' ? key : `${place}.${key}`, { path, ...(places && { places }) });
  if (Array.isArray(value)) return value.map((item, index) => inner(String(index), item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(key, item)]));
}
