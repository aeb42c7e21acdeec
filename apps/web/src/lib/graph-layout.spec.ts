import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOX, kin, layOut, type GraphNode } from './graph-layout.js';

/** Graphs in which a node needs only earlier ones, in any order of listing. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }), { maxLength: 30 })
  .map((drawn) =>
    drawn.map((needs, index): GraphNode => ({
      name: `s${index}`,
      needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))],
    })),
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

describe('the layout of a graph', () => {
  it('puts a node to the right of all that it needs, and no two boxes on each other', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const places = new Map(layOut(nodes).map((place) => [place.name, place]));
        expect(places.size).toBe(nodes.length);
        for (const { name, needs } of nodes)
          for (const need of needs) expect(places.get(name)?.x).toBeGreaterThan(places.get(need)?.x ?? NaN);
        const all = [...places.values()];
        for (const a of all)
          for (const b of all)
            if (a.name < b.name)
              expect(Math.abs(a.x - b.x) >= BOX.width || Math.abs(a.y - b.y) >= BOX.height).toBe(true);
        expect(Math.min(0, ...all.map(({ y }) => y))).toBe(0);
      }),
    );
  });

  it('is the same for the same graph', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        expect(layOut(nodes)).toEqual(layOut(nodes));
      }),
    );
  });

  it('keeps a lane free where an edge passes a rank', () => {
    const diamond = layOut([
      { name: 'train', needs: [] },
      { name: 'harden', needs: ['train'] },
      { name: 'report', needs: ['train', 'harden'] },
    ]);
    const [train, harden] = diamond;
    expect(harden?.y).not.toBe(train?.y);
  });

  it('holds for a chain of ten thousand, for a ring, and for needs that are not there', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => ({
      name: `n${index}`,
      needs: index === 0 ? [] : [`n${index - 1}`],
    })).toReversed();
    expect(Math.max(...layOut(chain).map(({ rank }) => rank))).toBe(9_999);
    const ring = [
      { name: 'a', needs: ['b', 'gone'] },
      { name: 'b', needs: ['a'] },
      { name: 'self', needs: ['self'] },
    ];
    expect(layOut(ring)).toHaveLength(3);
    expect(layOut([])).toEqual([]);
  });
});

describe('the kin of a node', () => {
  it('is what it needs and what needs it, near and far', () => {
    const nodes = [
      { name: 'data', needs: [] },
      { name: 'train', needs: ['data'] },
      { name: 'judge', needs: ['train'] },
      { name: 'other', needs: ['data'] },
      { name: 'report', needs: ['judge', 'other'] },
    ];
    expect([...kin(nodes, 'train')].sort()).toEqual(['data', 'judge', 'report', 'train']);
  });
});
