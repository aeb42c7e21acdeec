import { describe, expect, it } from 'vitest';
import { groupKernels, matrixProductFlopsOf, readKernelLog } from './kernel-log.js';

const line = (micros: number, what: string, step: number, rest: string): string =>
  `I0000 00:00:1795860430.${String(micros).padStart(6, '0')}    6918 executor.cc:879] ${what}: 5 step ${step} ${rest}`;
const timed = (from: number, to: number, step: number, rest: string): string[] => [
  line(from, 'Process node', step, rest),
  line(to, 'Synchronous kernel done', step, rest),
];
const matMul = (name: string): string =>
  `{{node learn/${name}}} = _MklBatchMatMulV2[T=DT_FLOAT, _shapes="8x5x3,8x3x2->8x5x2"](a, b) device: cpu`;
const erf = '{{node learn/2_Erf}} = Erf[T=DT_FLOAT, _shapes="5x2->5x2"](a) device: cpu';

describe('the log of kernels', () => {
  it('gives each kernel its shortest time over the whole runs', () => {
    const kernels = readKernelLog([
      'something else',
      ...timed(0, 900, 1, matMul('0')),
      ...[...timed(1000, 1100, 2, matMul('0')), ...timed(1200, 1250, 2, erf)],
      ...[...timed(2000, 2080, 3, matMul('0')), ...timed(2100, 2170, 3, erf)],
    ]);
    expect(kernels.map(({ op, seconds }) => [op, Math.round(seconds * 1e6)])).toEqual([
      ['_MklBatchMatMulV2', 80],
      ['Erf', 50],
    ]);
  });

  it('sums kernels of the same operation and shapes, the most expensive first', () => {
    const kernels = readKernelLog([
      ...timed(0, 150, 1, erf),
      ...timed(200, 300, 1, matMul('0')),
      ...timed(400, 500, 1, matMul('1')),
    ]);
    const groups = groupKernels(kernels);
    expect(groups.map(({ op, count }) => [op, count])).toEqual([
      ['_MklBatchMatMulV2', 2],
      ['Erf', 1],
    ]);
    expect(groups[0]?.seconds).toBeCloseTo(200e-6, 6);
  });

  it('counts two operations for each multiply-add of a batch of matrix products, of whatever orientation', () => {
    const flops = 2 * 8 * 5 * 3 * 2;
    const of = (shapes: string) => matrixProductFlopsOf({ op: '_MklBatchMatMulV2', shapes, seconds: 1 });
    expect(of('8x5x3,8x3x2->8x5x2')).toBeCloseTo(flops);
    expect(of('8x3x5,8x2x3->8x5x2')).toBeCloseTo(flops);
    expect(matrixProductFlopsOf({ op: 'Erf', shapes: '5x2->5x2', seconds: 1 })).toBeUndefined();
  });
});
