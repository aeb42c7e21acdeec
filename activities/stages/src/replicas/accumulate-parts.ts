import type { HostInputs, HostTensor, RunningProgram } from '@vitrine/ml-tensor';

export interface Parts {
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
  /** Images of one part; divides the images. */
  readonly partSize: number;
  readonly noise: HostTensor | undefined;
  /** [on the loss, on its gradients]. */
  readonly factors: Float32Array;
}

/** Adds the gradients of a device's images to its sums, part by part, and gives the loss of each part. */
export function accumulateParts(
  program: RunningProgram<'accumulate' | 'accumulateWithNoise'>,
  { pixels, labels, partSize, noise, factors }: Parts,
): number[] {
  const stride = pixels.length / labels.length;
  return Array.from({ length: labels.length / partSize }, (_, part) => {
    const first = part * partSize;
    const inputs: HostInputs = {
      pixels: pixels.subarray(first * stride, (first + partSize) * stride),
      labels: labels.subarray(first, first + partSize),
      factors,
      ...(noise && { noise: noise.data }),
    };
    const { loss } = program.run(noise ? 'accumulateWithNoise' : 'accumulate', inputs);
    return loss?.data[0] ?? NaN;
  });
}
