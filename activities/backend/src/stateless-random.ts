/**
 * TensorFlow's counter-based generator as kernels of tfjs (`stateless-random.ts` of ml/tensor says what they compute). Its
 * `StatelessRandom*V2` operations take key and counter as uint64, which tfjs has no type for: the words are cast bit by bit
 * inside the kernel, and nobody sees the cast.
 */
import * as tf from '@tensorflow/tfjs-core';
import { RANDOM_KERNELS } from '@vitrine/ml-tensor';
import { DTYPE } from './capture/graph.js';
import type { NodeBackend } from './capture/node-backend.js';

/** `Algorithm.PHILOX` of TensorFlow's `rng_alg.h`; its automatic choice could differ by device. */
const PHILOX = 1;

function drawWith(op: string, dtype: number): tf.KernelFunc {
  return ({ inputs, backend, attrs }) => {
    const native = backend as NodeBackend;
    const { binding } = native;
    const typed = (name: string, value: number): { name: string; type: number; value: number } => ({
      name,
      type: binding.TF_ATTR_TYPE,
      value,
    });
    const shape = tf.tensor1d(attrs?.['shape'] as unknown as number[], 'int32');
    const algorithm = tf.scalar(PHILOX, 'int32');
    const casts: number[] = [];
    try {
      const words = native.getInputTensorIds([inputs['key'], inputs['counter']] as tf.TensorInfo[]);
      for (const id of words) {
        const attributes = [typed('T', DTYPE.int32), typed('type', DTYPE.uint64)];
        casts.push(...binding.executeOp('Bitcast', attributes, [id], 1).map((cast) => cast.id));
      }
      const [shapeId, algorithmId] = native.getInputTensorIds([shape, algorithm]) as [number, number];
      const attributes = [typed('dtype', dtype), typed('Tshape', DTYPE.int32)];
      const [drawn] = binding.executeOp(op, attributes, [shapeId, ...casts, algorithmId], 1);
      return native.createOutputTensor(drawn as NonNullable<typeof drawn>);
    } finally {
      tf.dispose([shape, algorithm]);
      // A recorded tensor has a negative id and no memory.
      for (const id of casts) if (id >= 0) binding.deleteTensor(id);
    }
  };
}

/** Once per process, after the backend is loaded. */
export function registerRandomKernels(): void {
  const kernels = [
    [RANDOM_KERNELS.words, drawWith('StatelessRandomUniformFullIntV2', DTYPE.int32)],
    [RANDOM_KERNELS.normal, drawWith('StatelessRandomNormalV2', DTYPE.float32)],
  ] as const;
  for (const [kernelName, kernelFunc] of kernels)
    if (!tf.getKernel(kernelName, 'tensorflow'))
      tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
}
