import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INITIAL_LOSS_SCALE, nextLossScale, type LossScale } from './loss-scale.js';

const after = (outcomes: readonly boolean[], from: LossScale = INITIAL_LOSS_SCALE): LossScale | undefined =>
  outcomes.reduce<LossScale | undefined>((state, finite) => state && nextLossScale(state, finite), from);

const good = (steps: number): boolean[] => new Array<boolean>(steps).fill(true);

describe('the scale of a loss', () => {
  it('starts at 65536 and stays there for 1999 good steps', () => {
    expect(INITIAL_LOSS_SCALE.scale).toBe(65_536);
    expect(after(good(1999))).toEqual({ scale: 65_536, goodSteps: 1999, dropped: 0 });
  });

  it('doubles after 2000 good steps in a row, and counts anew', () => {
    expect(after(good(2000))).toEqual({ scale: 131_072, goodSteps: 0, dropped: 0 });
    expect(after([...good(1500), false, ...good(1999)])).toMatchObject({ scale: 32_768, goodSteps: 1999 });
    expect(after([...good(1500), false, ...good(2000)])).toMatchObject({ scale: 65_536, goodSteps: 0 });
  });

  it('halves at every overflow, which drops the step', () => {
    expect(after([false, true, false])).toEqual({ scale: 16_384, goodSteps: 0, dropped: 2 });
  });

  it('ends when even an unscaled loss overflows', () => {
    expect(after(new Array<boolean>(16).fill(false))?.scale).toBe(1);
    expect(after(new Array<boolean>(17).fill(false))).toBeUndefined();
  });

  it('is a power of two from 1 to 2^32 whatever happens, and repeats from any state it was in', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), fc.nat(40), (outcomes, cut) => {
        const end = after(outcomes);
        const [head, tail] = [outcomes.slice(0, cut), outcomes.slice(cut)];
        const between = after(head);
        expect(between && after(tail, between)).toEqual(end);
        if (end) expect(Number.isInteger(Math.log2(end.scale)) && end.scale >= 1).toBe(true);
      }),
    );
    expect(nextLossScale({ scale: 2 ** 32, goodSteps: 1999, dropped: 0 }, true)?.scale).toBe(2 ** 32);
  });
});
