import { requirementSchema, type Requirement } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unmetRequirement } from './requirements.js';

const demand = (fields: object): Requirement =>
  requirementSchema.parse({ stage: 'judge', field: 'accuracy', ...fields });
const holds = (fields: object, accuracy: unknown): boolean =>
  unmetRequirement([demand(fields)], { judge: { summary: { accuracy } } }) === undefined;

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('a demand on a result', () => {
  it('is a bound on numbers, each the opposite of another', () => {
    fc.assert(
      fc.property(number, number, (bound, value) => {
        expect(holds({ atLeast: bound }, value)).toBe(!holds({ below: bound }, value));
        expect(holds({ atMost: bound }, value)).toBe(!holds({ above: bound }, value));
        expect(holds({ equals: bound }, value)).toBe(!holds({ differsFrom: bound }, value));
        expect(holds({ atLeast: bound, atMost: bound }, value)).toBe(bound === value);
      }),
    );
  });

  it('is never met by what is not there or is no number', () => {
    for (const value of [undefined, null, '0.5', NaN, {}])
      for (const name of ['atLeast', 'above', 'atMost', 'below'])
        expect(holds({ [name]: 0 }, value)).toBe(false);
    expect(holds({ differsFrom: 1 }, undefined)).toBe(false);
    expect(unmetRequirement([demand({ equals: 1 })], {})).toBe(
      'accuracy of stage judge is not there, expected 1',
    );
  });

  it('is told with what was found and what was wanted', () => {
    const summary = { conditions: [{ accuracy: 0.31 }] };
    const when = [demand({ field: 'conditions.0.accuracy', atLeast: 0.4 })];
    expect(unmetRequirement(when, { judge: { summary } })).toBe(
      'conditions.0.accuracy of stage judge is 0.31, expected at least 0.4',
    );
  });

  it('needs a comparison', () => {
    expect(requirementSchema.safeParse({ stage: 'judge', field: 'accuracy' }).success).toBe(false);
  });
});
