import { describe, expect, it } from 'vitest';
import { forwardFlops, taskFlops } from './flops.js';
import { MODELS } from './vit-case.js';

const { ti4 } = MODELS;

/** The products of one image written out one by one: [rows, inner, columns], twice their product each. */
const products: readonly (readonly [number, number, number])[] = [
  [64, 48, 192],
  ...Array.from({ length: 12 }, () => [
    [65, 192, 576] as const,
    ...Array.from({ length: 3 }, () => [[65, 64, 65] as const, [65, 65, 64] as const]).flat(),
    [65, 192, 192] as const,
    [65, 192, 768] as const,
    [65, 768, 192] as const,
  ]).flat(),
  [1, 192, 10],
];

describe('the operations of a task', () => {
  it('are those of the matrix products, twice per multiply-add', () => {
    const counted = products.reduce((sum, [rows, inner, columns]) => sum + 2 * rows * inner * columns, 0);
    expect(taskFlops('forward', ti4)).toBe(counted);
    const { linear, attention } = forwardFlops(ti4);
    expect(linear + attention).toBe(counted);
  });

  it('are about three forward passes for a training step', () => {
    expect(taskFlops('train', ti4) / taskFlops('forward', ti4)).toBeCloseTo(3, 1);
  });

  it('are twice those of training for a step on clean and noisy embeddings, which are made once', () => {
    const { embedding } = forwardFlops(ti4);
    expect(taskFlops('finetune', ti4)).toBe(2 * taskFlops('train', ti4) - 2 * embedding);
  });

  it('skip the gradients of frozen weights in an attack', () => {
    expect(taskFlops('pgd', ti4) / taskFlops('forward', ti4)).toBeGreaterThan(42);
    expect(taskFlops('pgd', ti4) / taskFlops('forward', ti4)).toBeLessThan(45);
  });
});
