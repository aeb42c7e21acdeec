import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchBuffers, type BatchBuffers } from '../images.js';
import { drawMixing, mixBatch, type Mixing, type MixingPolicy } from './mixing.js';

const policy: MixingPolicy = { mixup: 0.8, cutmix: 1, probability: 1, switchProbability: 0.5 };
const size = 4;

/** Image i is i everywhere. */
function batch(images: number): BatchBuffers {
  const buffers = batchBuffers({ channels: 2, size }, images, true);
  buffers.pixels.forEach((_, at) => (buffers.pixels[at] = Math.floor(at / 32)));
  buffers.labels.forEach((_, image) => (buffers.labels[image] = image + 10));
  return buffers;
}

const mixed = (mixing: Mixing, images = 3): BatchBuffers => {
  const buffers = batch(images);
  mixBatch(buffers, size, mixing);
  return buffers;
};

describe('the blend of a batch', () => {
  it('leaves images and labels as they are when there is none', () => {
    const { pixels, labels, mix } = mixed({ kind: 'none' });
    expect(pixels).toEqual(batch(3).pixels);
    expect(labels).toEqual(batch(3).labels);
    expect([...(mix?.shares ?? [])]).toEqual([1, 1, 1]);
  });

  it('by mixup is a share of each image and the rest of its partner, counted from the other end', () => {
    const { pixels, mix } = mixed({ kind: 'mixup', share: 0.75 });
    expect([0, 1, 2].map((image) => pixels[image * 32])).toEqual([0.5, 1, 1.5]);
    expect([...(mix?.partners ?? [])]).toEqual([12, 11, 10]);
    expect([...(mix?.shares ?? [])]).toEqual([0.75, 0.75, 0.75]);
  });

  it('by CutMix has a box of the partner in every channel', () => {
    const { pixels } = mixed({ kind: 'cutmix', share: 14 / 16, rows: [1, 2], columns: [2, 4] });
    const first = [...pixels.subarray(0, 32)];
    const box = [6, 7, 22, 23];
    expect(first.flatMap((pixel, at) => (pixel === 2 ? [at] : []))).toEqual(box);
    expect(first.filter((pixel) => pixel === 0)).toHaveLength(28);
  });

  it('has a share that is that of the pixels, whatever is drawn', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(1000), fc.integer({ min: 1, max: 9 }), (seed, step, side) => {
        const mixing = drawMixing({ seed, step }, policy, side);
        if (mixing.kind === 'none') return expect.unreachable();
        expect(mixing.share >= 0 && mixing.share <= 1).toBe(true);
        if (mixing.kind !== 'cutmix') return;
        const [rows, columns] = [mixing.rows, mixing.columns].map(([low, high]) => high - low) as [
          number,
          number,
        ];
        expect(Math.min(mixing.rows[0], mixing.columns[0], rows, columns)).toBeGreaterThanOrEqual(0);
        expect(mixing.share).toBeCloseTo(1 - (rows * columns) / side ** 2, 12);
      }),
    );
  });

  it('is CutMix as often as wanted, and drawn anew in every step', () => {
    const kinds = Array.from({ length: 2000 }, (_, step) => drawMixing({ seed: 1, step }, policy, 32).kind);
    const cut = kinds.filter((kind) => kind === 'cutmix').length;
    // 1000 expected, standard deviation 22.
    expect(Math.abs(cut - 1000)).toBeLessThan(115);
    expect(drawMixing({ seed: 1, step: 0 }, { ...policy, mixup: 0 }, 32).kind).toBe('cutmix');
    expect(drawMixing({ seed: 1, step: 0 }, { ...policy, cutmix: 0 }, 32).kind).toBe('mixup');
    expect(drawMixing({ seed: 1, step: 0 }, { ...policy, probability: 0 }, 32).kind).toBe('none');
  });
});
