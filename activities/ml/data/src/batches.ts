/**
 * Training batches as a function of (seed, step): nothing is remembered between steps, so a resumed run reads on exactly
 * where it stopped, and any process can compute any batch.
 */
import { permutation, PURPOSE } from '@vitrine/ml-tensor';
import { augmentImage, cropImage, drawAugmentation, type AugmentationPolicy } from './augment.js';
import { BatchError } from './batch-error.js';
import { pixelsPerImage, toUnit, type BatchBuffers, type Images } from './images.js';
import { drawMixing, mixBatch, type MixingPolicy } from './strong/mixing.js';
import { drawRandAugment, randAugment, type RandAugmentPolicy } from './strong/rand-augment.js';
import { eraseRandomly, type ErasingPolicy } from './strong/random-erasing.js';

/** An endless sequence of batches of one image set. */
export interface BatchSequence extends AugmentationPolicy {
  readonly set: Images;
  readonly batchSize: number;
  readonly seed: number;
  /** After crop and flip. */
  readonly randAugment?: RandAugmentPolicy | undefined;
  readonly erasing?: ErasingPolicy | undefined;
  /** Blends the images of a batch; its buffers then need `mix`. */
  readonly mixing?: MixingPolicy | undefined;
}

/** The order in which epoch `epoch` visits `count` images: each exactly once. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return permutation({ seed, purpose: PURPOSE.shuffle, step: epoch }, count);
}

/** Whole batches in an epoch; the remainder is left out of that epoch. */
export function stepsPerEpoch({ set, batchSize }: Pick<BatchSequence, 'set' | 'batchSize'>): number {
  return Math.floor(set.count / batchSize);
}

/**
 * A function that fills buffers with the batch of a step. It keeps the order of the epoch it was last asked for, which
 * saves the shuffle of every step and shows in nothing else.
 * @throws BatchError when the batch is larger than the set, or a buffer has another length than the batch needs
 */
export function batchFiller(sequence: BatchSequence): (step: number, out: BatchBuffers) => void {
  checkSequence(sequence);
  const { set, batchSize, seed } = sequence;
  const steps = stepsPerEpoch(sequence);
  const stride = pixelsPerImage(set);
  let current: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array() };
  return (step, out) => {
    checkLength(out.pixels.length, batchSize * stride, 'pixels');
    checkLength(out.labels.length, batchSize, 'labels');
    if (sequence.mixing) checkLength(out.mix?.shares.length ?? 0, batchSize, 'mix.shares');
    const epoch = Math.floor(step / steps);
    if (epoch !== current.epoch) current = { epoch, order: epochOrder(seed, epoch, set.count) };
    const first = (step % steps) * batchSize;
    for (let index = 0; index < batchSize; index++) {
      const image = current.order[first + index] ?? 0;
      const source = set.pixels.subarray(image * stride, (image + 1) * stride);
      const target = out.pixels.subarray(index * stride, (index + 1) * stride);
      fillImage(sequence, { source, target, key: { seed, step, index } });
      out.labels[index] = set.labels[image] ?? 0;
    }
    if (sequence.mixing) mixBatch(out, set.size, drawMixing({ seed, step }, sequence.mixing, set.size));
  };
}

/** One image at its place: cropped and mirrored, then changed by RandAugment, then with a rectangle erased. */
function fillImage(
  { set, randAugment: policy, erasing, ...sequence }: BatchSequence,
  image: {
    readonly source: Uint8Array;
    readonly target: Float32Array;
    readonly key: { readonly seed: number; readonly step: number; readonly index: number };
  },
): void {
  const { source, target, key } = image;
  const { channels, size } = set;
  const placed = { ...drawAugmentation(key, sequence), channels, size };
  if (policy) {
    const cropped = { pixels: cropImage(source, placed), channels, size };
    const { pixels } = randAugment(cropped, drawRandAugment(key, policy), policy.fill);
    pixels.forEach((byte, at) => (target[at] = toUnit(byte)));
  } else augmentImage(source, target, placed);
  if (erasing) eraseRandomly(target, size, { key, policy: erasing });
}

/**
 * Fills `out` with the batch of a step: `pixels` [B, C, H, W] in [0, 1], `labels` [B]. A pure function of its request;
 * the epoch is floor(step / floor(count / batchSize)).
 * @throws BatchError as `batchFiller`
 */
export function fillBatch({ step, ...sequence }: BatchSequence & { step: number }, out: BatchBuffers): void {
  batchFiller(sequence)(step, out);
}

/** @throws BatchError when the set does not make one batch, or its arrays do not fit its counts */
export function checkSequence({ set, batchSize }: BatchSequence): void {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new BatchError('batchSize', 'a positive integer', `${batchSize}`);
  if (batchSize > set.count)
    throw new BatchError('batchSize', `at most the ${set.count} images of the set`, `${batchSize}`);
  checkLength(set.pixels.length, set.count * pixelsPerImage(set), 'set.pixels');
  checkLength(set.labels.length, set.count, 'set.labels');
}

function checkLength(actual: number, expected: number, where: string): void {
  if (actual !== expected) throw new BatchError(where, `${expected} numbers`, `${actual}`);
}
