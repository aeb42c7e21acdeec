import type { Point } from '@vitrine/contracts';

export interface TestFunction {
  readonly space: object;
  readonly value: (point: Point) => number;
}

const numbers = (point: Point): number[] =>
  Object.entries(point)
    .filter(([name]) => name.startsWith('x'))
    .map(([, value]) => Number(value));

const cube = (dimensions: number, low: number, high: number): object =>
  Object.fromEntries(
    Array.from({ length: dimensions }, (_, index) => [`x${index}`, range(index, low, high)]),
  );

const range = (index: number, low: number, high: number): object => ({
  type: 'uniform',
  low,
  high,
  set: `stages.a.params.x${index}`,
});

const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const ALPHA = [1, 1.2, 3, 3.2];

/**
 * Functions of global optimization (Dixon & Szegö 1978; Surjanovic & Bingham, Virtual library of simulation experiments), and one
 * that is like hyper-parameters. All are minimized.
 */
export const FUNCTIONS: Readonly<Record<string, TestFunction>> = {
  sphere: {
    space: cube(4, -5, 5),
    value: (point) => numbers(point).reduce((sum, x) => sum + (x - 1) ** 2, 0),
  },
  branin: {
    space: { x0: range(0, -5, 10), x1: range(1, 0, 15) },
    value: (point) => {
      const [x = 0, y = 0] = numbers(point);
      const [b, c, s] = [5.1 / (4 * Math.PI ** 2), 5 / Math.PI, 1 / (8 * Math.PI)];
      return (y - b * x * x + c * x - 6) ** 2 + 10 * (1 - s) * Math.cos(x) + 10;
    },
  },
  hartmann6: {
    space: cube(6, 0, 1),
    value: (point) => {
      const xs = numbers(point);
      const distance = (row: number): number =>
        xs.reduce((sum, x, at) => sum + (A[row]?.[at] ?? 0) * (x - (P[row]?.[at] ?? 0)) ** 2, 0);
      return -ALPHA.reduce((sum, alpha, row) => sum + alpha * Math.exp(-distance(row)), 0);
    },
  },
  rosenbrock: {
    space: cube(3, -2, 2),
    value: (point) => {
      const xs = numbers(point);
      return xs
        .slice(0, -1)
        .reduce((sum, x, at) => sum + 100 * ((xs[at + 1] ?? 0) - x * x) ** 2 + (1 - x) ** 2, 0);
    },
  },
  mixed: {
    space: {
      rate: { type: 'log-uniform', low: 1e-5, high: 1e-1, set: 'stages.a.params.rate' },
      width: { type: 'int', low: 16, high: 256, step: 16, set: 'stages.a.params.width' },
      kind: { type: 'choice', values: ['a', 'b', 'c'], set: 'stages.a.params.kind' },
      extra: {
        type: 'uniform',
        low: 0,
        high: 1,
        set: 'stages.a.params.extra',
        when: { parameter: 'kind', is: ['c'] },
      },
    },
    value: ({ rate, width, kind, extra }) => {
      const loss =
        (Math.log10(Number(rate)) + 3 + (kind === 'b' ? 0.5 : 0)) ** 2 + ((Number(width) - 144) / 96) ** 2;
      if (kind === 'c') return loss + 0.1 + (Number(extra) - 0.7) ** 2;
      return loss + (kind === 'a' ? 0.3 : 0);
    },
  },
};
