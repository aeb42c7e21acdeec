/** The cases of `kernels`: one computation of a training step in two forms. */
import type { Case } from './protocol.js';

export const KERNELS = {
  bias: 'a linear layer: the bias as one more column of the product, or TensorFlow’s _FusedMatMul with BiasAdd',
  gelu: 'a linear layer and GELU: our passes, or _FusedMatMul with BiasAdd and GeluExact',
  residual:
    'a linear layer, its bias and the stream added: two passes, or _FusedMatMul with BiasAdd and one pass',
  'layer-norm': 'LayerNorm: our passes, or FusedBatchNormV3 with rows as channels',
  'cross-entropy': 'cross-entropy and its gradient: composed, or SoftmaxCrossEntropyWithLogits',
  'batch-product': 'scores of attention: BatchMatMulV2, or Einsum',
  'weight-gradient': 'gradient of a weight and its bias [H, D + 1]: dyᵀ [x 1], or ([x 1]ᵀ dy)ᵀ',
} as const;

export type KernelName = keyof typeof KERNELS;

/** M rows, D width, H hidden. */
export interface KernelSizes {
  readonly rows: number;
  readonly width: number;
  readonly hidden: number;
}

export interface KernelCase extends Case {
  readonly task: 'kernel';
  readonly kernel: KernelName;
  readonly form: 'first' | 'second';
  readonly sizes: KernelSizes;
}
