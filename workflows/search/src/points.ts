import type { Constraint, Point, SweepValue } from '@vitrine/contracts';
import { exists, sameValue, type Axis } from './axes.js';

/** A point from one place of [0, 1) for each axis; those that do not exist in it are left out. */
export function pointAt(axes: readonly Axis[], unitOf: (axis: number) => number): Point {
  const point: Record<string, SweepValue> = {};
  axes.forEach((axis, index) => {
    if (exists(axis, point)) point[axis.name] = axis.at(unitOf(index));
  });
  return point;
}

/** Whether all constraints hold. */
export function isAllowed(constraints: readonly Constraint[], point: Point): boolean {
  return constraints.every((constraint) => holds(constraint, point));
}

function holds(constraint: Constraint, point: Point): boolean {
  if ('not' in constraint)
    return !Object.entries(constraint.not).every(([name, values]) => {
      const value = point[name];
      return value !== undefined && values.some((one) => sameValue(one, value));
    });
  const numbers = (name: string, absent: number): number => {
    const value = point[name];
    return value === undefined ? absent : typeof value === 'number' ? value : NaN;
  };
  const value =
    'sum' in constraint
      ? Object.entries(constraint.sum).reduce((sum, [name, times]) => sum + times * numbers(name, 0), 0)
      : constraint.product.reduce((product, name) => product * numbers(name, 1), 1);
  return value <= (constraint.atMost ?? Infinity) && value >= (constraint.atLeast ?? -Infinity);
}

/** The text by which equal points are known. */
export function pointKey(point: Point): string {
  return JSON.stringify(Object.entries(point).sort(([a], [b]) => (a < b ? -1 : 1)));
}
