import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareJson, compareText } from './compare.js';

const strict = { sameCode: true };

describe('two documents', () => {
  it('are the same when they are, whatever they hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(compareJson(value, structuredClone(value), strict).differences).toEqual([]);
      }),
    );
  });

  it('differ by the path of every leaf that is another, to the last bit of a number', () => {
    const stored = { conditions: [{ accuracy: 0.5, name: 'a' }, { accuracy: 0.25 }], extra: 1 };
    const recomputed = { conditions: [{ accuracy: 0.5 + 2 ** -53, name: 'b' }, { accuracy: 0.25 }] };
    expect(compareJson(stored, recomputed, strict)).toEqual({
      figures: 3,
      differences: [
        { figure: 'conditions.0.accuracy', stored: '0.5', recomputed: '0.5000000000000001' },
        { figure: 'conditions.0.name', stored: 'a', recomputed: 'b' },
        { figure: 'extra', stored: '1', recomputed: 'nothing' },
      ],
    });
  });

  it('are held to what both have when the code is another', () => {
    expect(compareJson({ a: 1, b: 2 }, { b: 3, c: 4 }, { sameCode: false }).differences).toEqual([
      { figure: 'b', stored: '2', recomputed: '3' },
    ]);
  });
});

describe('two texts', () => {
  it('differ by their first line that is another', () => {
    expect(compareText('one\ntwo\nthree', 'one\n 2 \nthree').differences).toEqual([
      { figure: 'line 2', stored: 'two', recomputed: '2' },
    ]);
    expect(compareText('one', 'one\ntwo').differences[0]).toMatchObject({ stored: 'nothing' });
    expect(compareText('one', 'one').differences).toEqual([]);
  });
});
