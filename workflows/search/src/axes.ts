import type { Dimension, Point, Space, SweepValue } from '@vitrine/contracts';

/** One parameter of a space, as samplers see it. */
export interface Axis {
  readonly name: string;
  readonly dimension: Dimension;
  /** How many values it has; infinite for a range without steps. */
  readonly size: number;
  /** The value at a place of [0, 1), each value with its share of the interval. */
  at(unit: number): SweepValue;
  /** Of a finite axis. */
  nth(index: number): SweepValue;
  /** Where numbers are compared: the value, or its logarithm; undefined for choices. */
  readonly line?: Line;
}

/** The values of a numeric axis on a line. */
export interface Line {
  readonly low: number;
  readonly high: number;
  /** Half the distance between neighbours, on the line's own scale, is counted to each value; 0 without steps. */
  toLine(value: number): number;
  fromLine(place: number): number;
  /** The stretch of the line that is rounded to this value; of no length without steps. */
  cell(value: number): readonly [number, number];
}

/** Parameters in an order in which each comes after the one that its condition names. */
export function axesOf(space: Space): Axis[] {
  const done = new Set<string>();
  const axes: Axis[] = [];
  const add = (name: string): void => {
    const dimension = space[name];
    if (!dimension || done.has(name)) return;
    done.add(name);
    if (dimension.when) add(dimension.when.parameter);
    axes.push(axisOf(name, dimension));
  };
  for (const name of Object.keys(space)) add(name);
  return axes;
}

/** Whether the parameter exists in a point that holds those before it. */
export function exists({ dimension: { when } }: Axis, point: Point): boolean {
  if (!when) return true;
  const value = point[when.parameter];
  return value !== undefined && when.is.some((one) => sameValue(one, value));
}

export function sameValue(a: SweepValue, b: SweepValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function axisOf(name: string, dimension: Dimension): Axis {
  switch (dimension.type) {
    case 'choice': {
      const { values } = dimension;
      const nth = (index: number): SweepValue => values[index] as SweepValue;
      const at = (unit: number): SweepValue =>
        nth(Math.min(values.length - 1, Math.floor(unit * values.length)));
      return { name, dimension, size: values.length, at, nth };
    }
    case 'int':
      return stepped(name, dimension, { step: dimension.step, log: dimension.log });
    case 'uniform':
      return dimension.step === undefined
        ? continuous(name, dimension, false)
        : stepped(name, dimension, { step: dimension.step, log: false });
    case 'log-uniform':
      return continuous(name, dimension, true);
  }
}

type Range = Exclude<Dimension, { type: 'choice' }>;

function continuous(name: string, dimension: Range, log: boolean): Axis {
  const toLine = (value: number): number => (log ? Math.log(value) : value);
  const clamp = (value: number): number => Math.min(dimension.high, Math.max(dimension.low, value));
  const fromLine = (place: number): number => clamp(log ? Math.exp(place) : place);
  const [low, high] = [toLine(dimension.low), toLine(dimension.high)];
  const line: Line = {
    low,
    high,
    toLine,
    fromLine,
    cell: (value) => [toLine(value), toLine(value)],
  };
  const size = dimension.low === dimension.high ? 1 : Infinity;
  const at = (unit: number): number => fromLine(low + unit * (high - low));
  return { name, dimension, size, at, nth: () => dimension.low, line };
}

function stepped(name: string, dimension: Range, { step, log }: { step: number; log: boolean }): Axis {
  const { low } = dimension;
  // With room for the last digit of the quotient: 0.3 / 0.1 is a little less than 3.
  const size = Math.floor((dimension.high - low) / step + 1e-9) + 1;
  const nth = (index: number): number => tidy(low + index * step);
  const toLine = (value: number): number => (log ? Math.log(value) : value);
  const nearest = (value: number): number =>
    nth(Math.min(size - 1, Math.max(0, Math.round((value - low) / step))));
  const edge = (value: number, side: number): number =>
    toLine(Math.max(log ? 0.5 : -Infinity, value + side * (step / 2)));
  const line: Line = {
    low: edge(low, -1),
    high: edge(nth(size - 1), 1),
    toLine,
    fromLine: (place) => nearest(log ? Math.exp(place) : place),
    cell: (value) => [edge(value, -1), edge(value, 1)],
  };
  const at = (unit: number): number =>
    log
      ? line.fromLine(line.low + unit * (line.high - line.low))
      : nth(Math.min(size - 1, Math.floor(unit * size)));
  return { name, dimension, size, at, nth, line };
}

/** Without the dust of the last digits: 0.1 + 2 · 0.1 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));
