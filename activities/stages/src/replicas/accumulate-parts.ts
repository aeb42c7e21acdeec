import type { BatchBuffers } from '@vitrine/ml-data';
import type { HostInputs, HostTensor, RunningProgram } from '@vitrine/ml-tensor';

export interface Parts {
  readonly batch: BatchBuffers;
  /** Images of one part; divides the images. */
  readonly partSize: number;
  readonly noise: HostTensor | undefined;
  /** [on the loss, on its gradients]. */
  readonly factors: Float32Array;
}

/** Some images of a batch, from the first on. */
export function partOf(
  { pixels, labels, mix }: BatchBuffers,
  { first, size }: { readonly first: number; readonly size: number },
): BatchBuffers {
  const stride = pixels.length / labels.length;
  return {
    pixels: pixels.subarray(first * stride, (first + size) * stride),
    labels: labels.subarray(first, first + size),
    ...(mix && {
      mix: {
        partners: mix.partners.subarray(first, first + size),
        shares: mix.shares.subarray(first, first + size),
      },
    }),
  };
}

/** A batch under the names of the inputs of a program. */
export const batchInputs = ({ pixels, labels, mix }: BatchBuffers): HostInputs => ({
  ...{ pixels, labels },
  ...mix,
});

/** Adds the gradients of a device's images to its sums, part by part, and gives the loss of each part. */
export function accumulateParts(
  program: RunningProgram<'accumulate' | 'accumulateWithNoise'>,
  { batch, partSize: size, noise, factors }: Parts,
): number[] {
  return Array.from({ length: batch.labels.length / size }, (_, part) => {
    const inputs: HostInputs = {
      ...batchInputs(partOf(batch, { first: part * size, size })),
      factors,
      ...(noise && { noise: noise.data }),
    };
    const { loss } = program.run(noise ? 'accumulateWithNoise' : 'accumulate', inputs);
    return loss?.data[0] ?? NaN;
  });
}
