import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedByNeed } from './overview.js';
import { seriesSlots } from './series-slot.js';
import { parseTensorHeader } from './tensor-header.js';
import { ticks } from './ticks.js';

describe('the ticks of a time axis', () => {
  it('begin at nothing, end within the span and are few, however long it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (span) => {
        const found = ticks(span);
        expect(found[0]).toBe(0);
        expect(found.at(-1)).toBeLessThanOrEqual(span * (1 + 1e-9));
        expect(found.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe('the colours of curves', () => {
  it('differ while there are enough of them, and do not depend on the order', () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, (some) => {
        const slots = seriesSlots(some);
        expect(new Set(slots.values()).size).toBe(some.length);
        expect(seriesSlots(some.toReversed())).toEqual(slots);
      }),
    );
  });

  it('are given to any number of curves', () => {
    const many = Array.from({ length: 50 }, (_, index) => `s${index}`);
    expect([...seriesSlots(many).values()].every((slot) => slot >= 0 && slot < 8)).toBe(true);
  });
});

describe('the header of a safetensors file', () => {
  const file = (header: object): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };

  it('names its arrays', () => {
    const header = {
      __metadata__: { a: 'b' },
      w: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      s: { dtype: 'F32', shape: [] },
    };
    expect(parseTensorHeader(file(header))).toEqual([
      { name: 'w', dtype: 'F32', shape: [2, 3], count: 6 },
      { name: 's', dtype: 'F32', shape: [], count: 1 },
    ]);
  });

  it('is refused when it says that it is longer than any is', () => {
    expect(() => parseTensorHeader(new Uint8Array(16).fill(255))).toThrow('not in the format safetensors');
  });
});

describe('the overview', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const run = (
    runId: string,
    status: 'running' | 'succeeded' | 'failed',
    endedAt?: string,
    rerunOf?: string,
  ) => ({
    project: 'default',
    runId,
    pipeline: 'quick',
    status,
    submittedAt: '2026-01-01T00:00:00Z',
    stages: { total: 1, done: 0, failed: 0 },
    ...(endedAt !== undefined && { endedAt }),
    ...(rerunOf !== undefined && { rerunOf }),
  });

  it('asks for those that failed lately and that nobody has repeated', () => {
    const lately = '2026-01-01T12:00:00Z';
    const { troubled, running, finished } = sortedByNeed(
      [
        run('again', 'running', undefined, 'mended'),
        run('mended', 'failed', lately),
        run('lost', 'failed', lately),
        run('old', 'failed', '2025-12-01T00:00:00Z'),
        run('good', 'succeeded', lately),
      ],
      now,
    );
    expect([troubled, running, finished].map((runs) => runs.map(({ runId }) => runId))).toEqual([
      ['lost'],
      ['again'],
      ['good'],
    ]);
  });
});
