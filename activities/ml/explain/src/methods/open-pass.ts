/** A pass with every block in the open, and gradients of one logit per image by what is tapped. */
import * as tf from '@tensorflow/tfjs-core';
import {
  classify,
  embedPatches,
  openBlock,
  placeTokens,
  readClass,
  type OpenBlock,
  type Vit,
} from '@vitrine/ml-nn';

export interface ExplainedBatch {
  readonly pixels_BCHW: tf.Tensor4D;
  /** The classes that are explained, int32. */
  readonly targets_B: tf.Tensor1D;
}

export interface OpenPass {
  readonly blocks: readonly OpenBlock[];
  readonly features_BD: tf.Tensor2D;
}

/** [B, K], 1 at the class that is explained. */
export const oneHotTargets = ({ params }: Vit, targets_B: tf.Tensor1D): tf.Tensor2D =>
  tf.oneHot(targets_B, params['head.bias']?.size ?? 0, 1, 0, 'float32') as tf.Tensor2D;

function openPass(vit: Vit, patches_BND: tf.Tensor3D, tap?: Parameters<typeof openBlock>[2]): OpenPass {
  const blocks: OpenBlock[] = [];
  let stream_MD = placeTokens(vit, patches_BND);
  for (let block = 0; block < vit.config.depth; block++) {
    const open = openBlock(vit, { block, stream_MD }, tap);
    blocks.push(open);
    stream_MD = open.output_MD;
  }
  return { blocks, features_BD: readClass(vit, stream_MD) };
}

/** The pass of a batch, without gradients. */
export const openForward = (vit: Vit, pixels_BCHW: tf.Tensor4D): OpenPass =>
  openPass(vit, embedPatches(vit, pixels_BCHW));

/**
 * Gradients of the explained logits by one kind of activation, block by block. The tape runs to the patch embeddings; the
 * taps note what passes them on the way.
 */
export function tappedGradients(
  vit: Vit,
  { pixels_BCHW, targets_B }: ExplainedBatch,
  activation: 'weights' | 'norm2',
): tf.Tensor[] {
  return tf.tidy(() => {
    const noted: tf.Tensor[] = [];
    const tap = <T extends tf.Tensor>(kind: string, block: number, value: T): T => {
      if (kind !== activation) return value;
      const note = tf.customGrad((x) => ({
        value: (x as tf.Tensor).clone(),
        gradFunc: (dy: tf.Tensor) => {
          noted[block] = tf.keep(dy.clone());
          return dy.clone();
        },
      }));
      return note(value) as T;
    };
    const target_BK = oneHotTargets(vit, targets_B);
    tf.grad((patches) => {
      const { features_BD } = openPass(vit, patches as tf.Tensor3D, tap);
      return tf.sum(tf.mul(target_BK, classify(vit, features_BD)));
    })(embedPatches(vit, pixels_BCHW));
    return noted.map((kept) => {
      const owned = kept.clone();
      kept.dispose();
      return owned;
    });
  });
}
