import { isRight } from './answers.js';
import type { AttackedModel, HostBatch } from './attack-program.js';

/**
 * The images of a batch that an attack, or several after each other, have not made wrong yet. One that falls is left alone from
 * then on; what stands in the end has its clean pixels.
 */
export class Standing {
  readonly pixels: Float32Array;
  readonly #open: Set<number>;

  private constructor(
    readonly batch: HostBatch,
    /** [B, K] of the clean images. */
    readonly cleanLogits: Float32Array,
  ) {
    this.pixels = batch.pixels.slice();
    this.#open = new Set(
      [...batch.labels.keys()].filter((image) => isRight(cleanLogits, batch.labels, image)),
    );
  }

  static of(model: AttackedModel, batch: HostBatch): Standing {
    const { logits } = model.run('predict', { pixels: batch.pixels });
    return new Standing(batch, logits?.data as Float32Array);
  }

  get images(): number[] {
    return [...this.#open];
  }

  get stride(): number {
    return this.batch.pixels.length / this.batch.labels.length;
  }

  /** An image is wrong with these pixels of the whole batch. */
  fall(image: number, pixels: Float32Array): void {
    const { stride } = this;
    this.#open.delete(image);
    this.pixels.set(pixels.subarray(image * stride, (image + 1) * stride), image * stride);
  }

  /** Takes note of what the model says to pixels of the images that stand. @returns those that stand still */
  look(pixels: Float32Array, logits: Float32Array): number[] {
    for (const image of this.images) if (!isRight(logits, this.batch.labels, image)) this.fall(image, pixels);
    return this.images;
  }
}
