/**
 * The kernel of `after.ts` (ml/tensor). Recorded, it is a node of its own, which `lower.ts` writes as a copy with a control
 * input.
 */
import * as tf from '@tensorflow/tfjs-core';
import { AFTER_KERNEL } from '@vitrine/ml-tensor';
import type { NodeBackend } from './capture/node-backend.js';

/** Once per process, after the backend is loaded. */
export function registerOrderingKernel(): void {
  if (tf.getKernel(AFTER_KERNEL, 'tensorflow')) return;
  tf.registerKernel({
    kernelName: AFTER_KERNEL,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const { x, dependency } = inputs as { x: tf.TensorInfo; dependency: tf.TensorInfo };
      const native = backend as NodeBackend;
      if (native.recordAfter) return native.recordAfter(x, dependency);
      native.incRef(x.dataId);
      return { ...x };
    },
  });
}
