import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Influence } from './noise-judge.js';
import { shrinkToEqual, type Shrunk } from './shrink-to-equal.js';

const nothing = (): Promise<void> => Promise.resolve();

/** A random noise of one number, which is its norm, judged by a known law. */
function shrunkBy(
  law: (norm: number) => number,
  wanted: readonly { norm: number; mseProbs: number }[],
): Promise<Shrunk[]> {
  const influence = (noises: readonly Float32Array[]): Promise<Influence[]> =>
    Promise.resolve(noises.map(([norm = NaN]) => ({ mseProbs: law(norm) }) as Influence));
  return shrinkToEqual(
    { influence },
    { wanted, random: (_, norm) => Float32Array.of(norm), onCall: nothing },
  );
}

describe('random noise shrunk to an equal influence', () => {
  it('has the known norm within a thousandth where influence is the square of the norm, and never does more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: 0.001, max: 3.9, noNaN: true }),
        async (norm, ratio) => {
          const mseProbs = (ratio * norm) ** 2;
          const [found] = await shrunkBy((of) => of ** 2, [{ norm, mseProbs }]);
          expect(found?.reached).toBe(true);
          expect((found?.norm ?? NaN) / (ratio * norm)).toBeGreaterThan(0.999);
          expect(found?.mseProbs).toBeLessThanOrEqual(mseProbs);
        },
      ),
    );
  });

  it('says so where even the longest does less, and is of norm 0 where the shortest does more', async () => {
    const saturating = (norm: number): number => Math.min(norm, 1);
    const [less, more] = await shrunkBy(saturating, [
      { norm: 2, mseProbs: 1.5 },
      { norm: 2, mseProbs: 0 },
    ]);
    expect(less).toMatchObject({ mseProbs: 1, reached: false });
    expect(less?.norm).toBeGreaterThan(7.99);
    expect(more).toEqual({ norm: 0, mseProbs: 0, reached: true });
  });

  it('of a noise of norm 0 is of norm 0', async () => {
    expect(await shrunkBy((norm) => norm, [{ norm: 0, mseProbs: 0 }])).toMatchObject([
      { norm: 0, mseProbs: 0 },
    ]);
  });
});
