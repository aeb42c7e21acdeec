import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchFiller, epochOrder, fillBatch, stepsPerEpoch, type BatchSequence } from './batches.js';
import { BatchError } from './batch-error.js';
import { batchBuffers, imageSlice, type Images } from './images.js';

/** Images whose every byte tells image, channel and place, so that a wrong copy shows. */
function countingImages(count: number, channels = 2, size = 5): Images {
  const pixels = Uint8Array.from({ length: count * channels * size * size }, (_, i) => (i * 37 + 11) % 256);
  return { pixels, labels: Uint8Array.from({ length: count }, (_, i) => i), count, channels, size };
}

const plain = { cropPadding: 0, flip: false };
const sequenceOf = (over: Partial<BatchSequence> = {}): BatchSequence => ({
  set: countingImages(23),
  batchSize: 4,
  seed: 7,
  cropPadding: 2,
  flip: true,
  ...over,
});

function batchAt(sequence: BatchSequence, step: number) {
  const out = batchBuffers(sequence.set, sequence.batchSize);
  fillBatch({ ...sequence, step }, out);
  return out;
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });

describe('the order of an epoch', () => {
  it('visits every image exactly once', () => {
    fc.assert(
      fc.property(uint32, fc.nat(1000), fc.integer({ min: 1, max: 300 }), (seed, epoch, count) => {
        const order = [...epochOrder(seed, epoch, count)].sort((a, b) => a - b);
        expect(order).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('differs between epochs and between seeds', () => {
    const order = epochOrder(1, 0, 100);
    expect(epochOrder(1, 1, 100)).not.toEqual(order);
    expect(epochOrder(2, 0, 100)).not.toEqual(order);
  });
});

describe('a training batch', () => {
  it('is a pure function of seed and step, in whatever order steps are asked for', () => {
    fc.assert(
      fc.property(uint32, fc.array(fc.nat(60), { minLength: 2, maxLength: 8 }), (seed, steps) => {
        const sequence = sequenceOf({ seed });
        const fill = batchFiller(sequence);
        for (const step of steps) {
          const out = batchBuffers(sequence.set, sequence.batchSize);
          fill(step, out);
          expect(out).toEqual(batchAt(sequence, step));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes each image at most once an epoch and drops the remainder', () => {
    const sequence = sequenceOf(plain);
    expect(stepsPerEpoch(sequence)).toBe(5);
    for (const epoch of [0, 3]) {
      const seen = Array.from({ length: 5 }, (_, i) => [...batchAt(sequence, epoch * 5 + i).labels]).flat();
      expect(seen).toEqual([...epochOrder(7, epoch, 23)].slice(0, 20));
    }
  });

  it('without augmentation holds the bytes of its images over 255', () => {
    const sequence = sequenceOf(plain);
    const { pixels, labels } = batchAt(sequence, 2);
    labels.forEach((image, index) => {
      expect(pixels.subarray(index * 50, (index + 1) * 50)).toEqual(
        imageSlice(sequence.set, image, 1).pixels,
      );
    });
  });

  it('stays in [0, 1] whatever the augmentation', () => {
    fc.assert(
      fc.property(uint32, fc.nat(7), fc.boolean(), (seed, cropPadding, flip) => {
        const { pixels } = batchAt(sequenceOf({ seed, cropPadding, flip }), 1);
        expect(pixels.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a batch of strongly augmented images', () => {
  const strong: Partial<BatchSequence> = {
    set: countingImages(23, 3),
    randAugment: { layers: 2, magnitude: 9, deviation: 0.5, largest: 10, probability: 1, fill: [1, 2, 3] },
    erasing: {
      ...{ probability: 0.5, minArea: 0.1, maxArea: 0.4, minAspect: 0.3, mode: 'pixel' },
      ...{ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    },
    mixing: { mixup: 0.8, cutmix: 1, probability: 1, switchProbability: 0.5 },
  };
  const drawn = (step: number, over: Partial<BatchSequence> = {}) => {
    const sequence = sequenceOf({ ...strong, ...over });
    const out = batchBuffers(sequence.set, sequence.batchSize, true);
    fillBatch({ ...sequence, step }, out);
    return out;
  };

  it('is a function of seed and step, and blends the labels with the images', () => {
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(4).pixels).not.toEqual(drawn(3).pixels);
    const { labels, mix } = drawn(3);
    expect([...(mix?.partners ?? [])]).toEqual([...labels].toReversed());
    expect(new Set(mix?.shares).size).toBe(1);
  });

  it('without blending has for an image what it has in any batch at its place', () => {
    const [small, large] = [4, 8].map((batchSize) => drawn(0, { batchSize, mixing: undefined }));
    expect([...(large?.pixels ?? [])].slice(0, 4 * 75)).toEqual([...(small?.pixels ?? [])]);
  });

  it('is refused without room for the blended labels', () => {
    const sequence = sequenceOf(strong);
    expect(() => fillBatch({ ...sequence, step: 0 }, batchBuffers(sequence.set, 4))).toThrow(
      'mix.shares: expected 4 numbers, got 0',
    );
  });
});

describe('a batch that cannot be drawn', () => {
  const refused = (sequence: BatchSequence, out = batchBuffers(sequence.set, sequence.batchSize)) => {
    try {
      fillBatch({ ...sequence, step: 0 }, out);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('is refused when the set has fewer images, with both numbers', () => {
    const error = refused(sequenceOf({ batchSize: 24 }));
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({ message: 'batchSize: expected at most the 23 images of the set, got 24' });
  });

  it('is refused when its buffer or the set has the wrong length', () => {
    const sequence = sequenceOf();
    expect(refused(sequence, { pixels: new Float32Array(3), labels: new Int32Array(4) })).toMatchObject({
      message: 'pixels: expected 200 numbers, got 3',
    });
    expect(refused({ ...sequence, set: { ...sequence.set, labels: new Uint8Array(2) } })).toMatchObject({
      message: 'set.labels: expected 23 numbers, got 2',
    });
    expect(refused(sequenceOf({ batchSize: 0 }))).toMatchObject({
      message: 'batchSize: expected a positive integer, got 0',
    });
  });
});
