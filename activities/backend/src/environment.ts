/**
 * The environment of libtensorflow. It reads these variables once, as it starts: the parent sets them, and the profile
 * of the running backend is read off them.
 *
 * Honoured by the eager runtime of TensorFlow 2.21 (seen in the number of its threads): TF_NUM_INTRAOP_THREADS and
 * TF_NUM_INTEROP_THREADS. Not honoured: OMP_NUM_THREADS.
 */

export interface BackendOptions {
  /** Threads that one operation may use. */
  readonly threads: number;
  /** GPU numbers or UUIDs; none, and the process sees no GPU; absent, and it sees those that its parent sees. */
  readonly visibleDevices?: readonly string[];
}

export const THREADS_VARIABLE = 'TF_NUM_INTRAOP_THREADS';

/**
 * Switches that choose kernels and so the last bits of a result. What is set of them is part of the numerics profile.
 */
export const KERNEL_SWITCHES = [
  'TF_ENABLE_ONEDNN_OPTS',
  'ONEDNN_MAX_CPU_ISA',
  'DNNL_MAX_CPU_ISA',
  'NVIDIA_TF32_OVERRIDE',
  'TF_DETERMINISTIC_OPS',
] as const;

/** More gained nothing on processors. */
const MOST_INTER_OP_THREADS = 2;

/**
 * Variables for a child process that will call `loadBackend` with the same number of threads.
 *
 * Two inter-op threads where there are two threads at all: a graph has small operations that gain nothing from a second
 * thread each, and run two at a time (a step of the quick pipeline's model took 52 ms instead of 68). Results do not depend
 * on it: each operation is computed the same, in whatever order. On a GPU: float32 stays float32 (no TF32), kernels
 * are deterministic, and memory is taken as it is needed, so that two processes can share a device.
 * @throws RangeError unless `threads` is a whole number from 1
 */
export function backendEnvironment({ threads, visibleDevices }: BackendOptions): Record<string, string> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`backendEnvironment, threads: expected a whole number from 1, got ${threads}`);
  return {
    [THREADS_VARIABLE]: String(threads),
    TF_NUM_INTEROP_THREADS: String(Math.min(threads, MOST_INTER_OP_THREADS)),
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '1',
    ...(visibleDevices && {
      CUDA_VISIBLE_DEVICES: visibleDevices.length === 0 ? '-1' : visibleDevices.join(','),
    }),
    ...(visibleDevices?.length !== 0 && {
      NVIDIA_TF32_OVERRIDE: '0',
      TF_DETERMINISTIC_OPS: '1',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    }),
  };
}
