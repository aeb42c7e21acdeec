import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { towardsPlane } from './box-projection.js';

const entry = fc.record({
  pixel: fc.float({ min: 0, max: 1, noNaN: true }),
  weight: fc.float({ min: -10, max: 10, noNaN: true }),
});
const problem = fc.record({
  entries: fc.array(entry, { minLength: 1, maxLength: 12 }),
  offset: fc.float({ min: -20, max: 20, noNaN: true }),
});

describe('the nearest point of a plane within the box', () => {
  it('is in the box, on the plane or as near as the box allows, and no entry could have moved less', () => {
    fc.assert(
      fc.property(problem, ({ entries, offset }) => {
        const point = Float32Array.from(entries, ({ pixel }) => pixel);
        const slope = Float32Array.from(entries, ({ weight }) => weight);
        const change = towardsPlane(point, { slope, offset });
        const side = offset >= 0 ? 1 : -1;
        const room = Array.from(slope, (weight, at) => {
          const along = weight * side;
          const pixel = point[at] ?? 0;
          return along > 0 ? pixel : along < 0 ? 1 - pixel : 0;
        });
        let reached = 0;
        let most = 0;
        change.forEach((moved, at) => {
          const pixel = (point[at] ?? 0) + moved;
          expect(pixel).toBeGreaterThanOrEqual(-1e-6);
          expect(pixel).toBeLessThanOrEqual(1 + 1e-6);
          reached -= moved * (slope[at] ?? 0) * side;
          most = Math.max(most, Math.abs(moved));
        });
        const all = room.reduce((sum, own, at) => sum + own * Math.abs(slope[at] ?? 0), 0);
        expect(Math.abs(reached - Math.min(Math.abs(offset), all))).toBeLessThan(1e-4 * (1 + all));
        // The least largest change: whoever moved less was stopped by the box.
        change.forEach((moved, at) => {
          if ((slope[at] ?? 0) !== 0 && Math.abs(moved) < most - 1e-5)
            expect(Math.abs(moved)).toBeGreaterThan((room[at] ?? 0) - 1e-5);
        });
      }),
    );
  });

  it('moves nothing where the point lies on the plane', () => {
    expect([
      ...towardsPlane(Float32Array.of(0.5, 0.25), { slope: Float32Array.of(1, -2), offset: 0 }),
    ]).toEqual([-0, 0]);
  });
});
