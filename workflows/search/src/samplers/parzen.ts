import type { Point, SweepValue } from '@vitrine/contracts';
import { sameValue, type Axis, type Line } from '../axes.js';
import type { Random } from '../random.js';
import { normalMass } from './normal.js';

const TINY = 1e-300;

/** One axis of all kernels. */
interface Column {
  draw(kernel: number, random: Random): SweepValue;
  /** Logarithms of the densities of all kernels at a value are added. */
  addLogDensities(value: SweepValue, into: Float64Array): void;
}

/**
 * A mixture of product kernels, one on each point and one as wide as the space: the density of a multivariate
 * tree-structured Parzen estimator (Bergstra et al. 2011; Falkner, Klein & Hutter 2018; bandwidths as in Optuna's).
 */
export class Parzen {
  private readonly columns: readonly Column[];
  private readonly weights: Float64Array;
  private readonly scratch: Float64Array;

  /** @param points in the order in which they were tried; all have a value on all axes */
  constructor(
    private readonly axes: readonly Axis[],
    points: readonly Point[],
  ) {
    this.weights = kernelWeights(points.length);
    this.scratch = new Float64Array(this.weights.length);
    this.columns = axes.map((axis) => {
      const values = points.map((point) => point[axis.name] as SweepValue);
      return axis.line ? numericColumn(axis.line, values as number[]) : choiceColumn(axis, values);
    });
  }

  draw(random: Random): Point {
    let rest = random.uniform();
    let kernel = 0;
    while (kernel < this.weights.length - 1 && (rest -= this.weights[kernel] ?? 0) >= 0) kernel += 1;
    return Object.fromEntries(
      this.axes.map((axis, at) => [axis.name, this.columns[at]?.draw(kernel, random) as SweepValue]),
    );
  }

  logDensity(point: Point): number {
    const logs = this.scratch;
    for (let kernel = 0; kernel < logs.length; kernel += 1)
      logs[kernel] = Math.log(this.weights[kernel] ?? 0);
    this.axes.forEach(({ name }, at) => this.columns[at]?.addLogDensities(point[name] as SweepValue, logs));
    let most = -Infinity;
    for (const log of logs) most = Math.max(most, log);
    if (most === -Infinity) return Math.log(TINY);
    let sum = 0;
    for (const log of logs) sum += Math.exp(log - most);
    return most + Math.log(sum);
  }
}

/** The kernel of the whole space comes last. Of many points the old ones count less. */
function kernelWeights(points: number): Float64Array {
  const flat = 25;
  const ramp = points - flat;
  const weight = (index: number): number =>
    index >= points || ramp <= 0 || index >= ramp
      ? 1
      : ramp === 1
        ? 1 / points
        : 1 / points + (index / (ramp - 1)) * (1 - 1 / points);
  const weights = Float64Array.from({ length: points + 1 }, (_, index) => weight(index));
  const sum = weights.reduce((total, one) => total + one, 0);
  return weights.map((one) => one / sum);
}

function numericColumn(line: Line, values: readonly number[]): Column {
  const length = line.high - line.low;
  const places = values.map((value) => line.toLine(value));
  const means = [...places, (line.low + line.high) / 2];
  const sigmas = [...bandwidths(places, line), length];
  // A range of one value: every kernel is that value.
  if (length === 0) return { draw: () => line.fromLine(line.low), addLogDensities: () => undefined };
  const masses = means.map((mean, index) => {
    const width = sigmas[index] ?? length;
    return Math.max(TINY, normalMass((line.low - mean) / width, (line.high - mean) / width));
  });
  return {
    draw: (kernel, random) => {
      const [mean = 0, width = length] = [means[kernel], sigmas[kernel]];
      // The mean is within, so about every second draw is, or more.
      for (let attempt = 0; attempt < 1000; attempt += 1) {
        const place = mean + width * random.normal();
        if (place >= line.low && place <= line.high) return line.fromLine(place);
      }
      return line.fromLine(mean);
    },
    addLogDensities: (value, into) => {
      const [from, to] = line.cell(value as number);
      const place = line.toLine(value as number);
      for (let kernel = 0; kernel < into.length; kernel += 1) {
        const [mean = 0, width = length, mass = 1] = [means[kernel], sigmas[kernel], masses[kernel]];
        const z = (place - mean) / width;
        const log =
          to > from
            ? Math.log(Math.max(TINY, normalMass((from - mean) / width, (to - mean) / width)))
            : -(z * z) / 2 - Math.log(width);
        into[kernel] = (into[kernel] ?? 0) + log - Math.log(mass);
      }
    },
  };
}

/** The distance to the further neighbour, within bounds that narrow as points become many. */
function bandwidths(places: readonly number[], { low, high }: Line): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const sorted = order.map((index) => places[index] ?? 0);
  const least = (high - low) / Math.min(100, 2 + places.length);
  const widths: number[] = [];
  order.forEach((index, rank) => {
    const [before, own, after] = [sorted[rank - 1], sorted[rank] ?? 0, sorted[rank + 1]];
    const alone = before === undefined && after === undefined;
    const gap = alone
      ? Math.max(own - low, high - own)
      : Math.max(before === undefined ? 0 : own - before, after === undefined ? 0 : after - own);
    widths[index] = Math.min(high - low, Math.max(least, gap));
  });
  return widths;
}

/** One place for each choice; the places of a kernel sum to one. */
function choiceColumn(axis: Axis, values: readonly SweepValue[]): Column {
  const kernels = values.length + 1;
  const prior = 1 / kernels;
  const indexOf = (value: SweepValue): number => {
    for (let index = 0; index < axis.size; index += 1) if (sameValue(axis.nth(index), value)) return index;
    return -1;
  };
  const observed = values.map(indexOf);
  const share = (kernel: number, choice: number): number =>
    kernel >= observed.length
      ? 1 / axis.size
      : ((observed[kernel] === choice ? 1 : 0) + prior) / (1 + prior * axis.size);
  return {
    draw: (kernel, random) => {
      let rest = random.uniform();
      let choice = 0;
      while (choice < axis.size - 1 && (rest -= share(kernel, choice)) >= 0) choice += 1;
      return axis.nth(choice);
    },
    addLogDensities: (value, into) => {
      const choice = indexOf(value);
      for (let kernel = 0; kernel < into.length; kernel += 1)
        into[kernel] = (into[kernel] ?? 0) + Math.log(Math.max(TINY, share(kernel, choice)));
    },
  };
}
