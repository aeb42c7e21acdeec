import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rearrange, RearrangeError } from './rearrange.js';
import { ShapeError } from './shape.js';

const range = (shape: number[]): tf.Tensor =>
  tf.reshape(
    tf.range(
      0,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

describe('rearrange', () => {
  it('splits heads off the last axis and brings them forward', () => {
    tf.tidy(() => {
      const x_BND = range([2, 3, 4]);
      const heads_BHNd = rearrange<tf.Rank.R4>(x_BND, 'b n (h d) -> b h n d', { h: 2 });
      expect(heads_BHNd.shape).toEqual([2, 2, 3, 2]);
      const source = (x_BND as tf.Tensor3D).arraySync();
      const moved = heads_BHNd.arraySync();
      for (let b = 0; b < 2; b++)
        for (let h = 0; h < 2; h++)
          for (let n = 0; n < 3; n++)
            for (let d = 0; d < 2; d++) expect(moved[b]?.[h]?.[n]?.[d]).toBe(source[b]?.[n]?.[h * 2 + d]);
    });
  });

  it('cuts an image into patches flattened by channel, row, column', () => {
    tf.tidy(() => {
      const patches = rearrange<tf.Rank.R3>(range([1, 2, 4, 4]), 'b c (n r) (m s) -> b (n m) (c r s)', {
        r: 2,
        s: 2,
      });
      expect(patches.shape).toEqual([1, 4, 8]);
      // Second patch: first row of patches, second column; channels 0 and 1 of a 4 × 4 image.
      expect(patches.arraySync()[0]?.[1]).toEqual([2, 3, 6, 7, 18, 19, 22, 23]);
    });
  });

  it('undoes itself with the sides exchanged, for any axes, grouping and lengths', () => {
    const letters = ['a', 'b', 'c', 'd'];
    const side = (order: string[], cuts: boolean[]): string => {
      const groups: string[][] = [];
      order.forEach((name, i) => {
        const last = groups.at(-1);
        if (last && cuts[i]) last.push(name);
        else groups.push([name]);
      });
      return groups.map((group) => (group.length === 1 ? group[0] : `(${group.join(' ')})`)).join(' ');
    };
    const booleans = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.shuffledSubarray(letters, { minLength: 4 }),
        fc.shuffledSubarray(letters, { minLength: 4 }),
        fc.tuple(booleans, booleans),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
        (from, to, [cutsFrom, cutsTo], lengths) => {
          const sizes = Object.fromEntries(letters.map((name, i) => [name, lengths[i] ?? 1]));
          const [left, right] = [side(from, cutsFrom), side(to, cutsTo)];
          tf.tidy(() => {
            const flat = from.map((name) => sizes[name] ?? 1);
            const elementary = range(flat);
            const grouped = rearrange(elementary, `${from.join(' ')} -> ${left}`);
            const there = rearrange(grouped, `${left} -> ${right}`, sizes);
            const back = rearrange(there, `${right} -> ${left}`, sizes);
            expect(back.shape).toEqual(grouped.shape);
            expect(values(back)).toEqual(values(grouped));
            const order = to.map((name) => from.indexOf(name));
            expect(values(there)).toEqual(values(tf.transpose(elementary, order)));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('adds and drops unit axes and copies nothing that the caller still owns', () => {
    const x = range([2, 1, 3]);
    const before = tf.memory().numTensors;
    const same = rearrange(x, 'a 1 b -> a 1 b');
    const squeezed = rearrange(x, 'a 1 b -> b a');
    const widened = rearrange(x, 'a b c -> 1 a (b c) 1');
    expect([same.shape, squeezed.shape, widened.shape]).toEqual([
      [2, 1, 3],
      [3, 2],
      [1, 2, 3, 1],
    ]);
    tf.dispose([same, squeezed, widened]);
    expect(tf.memory().numTensors).toBe(before);
    expect(values(x)).toEqual([0, 1, 2, 3, 4, 5]);
    x.dispose();
  });

  it('has the gradient of a permutation', () => {
    tf.tidy(() => {
      const cotangent = range([3, 4]);
      const gradient = tf.grad((x) => tf.mul(rearrange(x, '(a b) c -> c (b a)', { a: 2 }), cotangent));
      const expected = rearrange(cotangent, 'c (b a) -> (a b) c', { a: 2 });
      expect(values(gradient(tf.zeros([4, 3])))).toEqual(values(expected));
    });
  });

  it.each([
    ['a b', `rearrange 'a b': expected exactly one '->'`],
    ['a b -> a', `axis 'b' is missing on the right`],
    ['a b -> a b c', `axis 'c' is missing on the left`],
    ['a a -> a', `axis 'a' stands twice on one side`],
    ['a ... -> a ...', `cannot read '...'`],
    ['(a (b)) -> a b', 'cannot read'],
    ['a (2 b) -> a b', `'2' is no axis name`],
    ['(a b) c -> a b c', 'give the length of all but one of a, b'],
  ])('refuses the pattern %s', (pattern, expected) => {
    const x = range([4, 3]);
    expect(() => rearrange(x, pattern)).toThrow(RearrangeError);
    expect(() => rearrange(x, pattern)).toThrow(expected);
    x.dispose();
  });

  it('refuses a tensor or a length that does not fit and names the axis', () => {
    const x = range([4, 3]);
    expect(() => rearrange(x, 'a b c -> a b c')).toThrow(ShapeError);
    expect(() => rearrange(x, 'a b c -> a b c')).toThrow('expected 3 axes, got shape [4, 3]');
    expect(() => rearrange(x, 'a (b c) -> a b c', { b: 2 })).toThrow(
      'axis 1: expected a multiple of 2, got 3 in shape [4, 3]',
    );
    expect(() => rearrange(x, 'a b -> b a', { a: 5 })).toThrow('axis 0: expected length 5, got 4');
    expect(() => rearrange(x, 'a b -> b a', { z: 5 })).toThrow(`a length is given for 'z'`);
    x.dispose();
  });
});
