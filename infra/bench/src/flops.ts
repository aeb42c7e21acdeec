/** Floating-point operations of the matrix products in a task: what a step cannot do without, counted two per multiply-add. */
import { hiddenWidth, patchCount, patchLength, type VitConfig } from '@vitrine/ml-nn';
import { ATTACK, type VitTask } from './vit-case.js';

/** Of one image. */
interface ForwardFlops {
  /** Products with weights. */
  readonly linear: number;
  /** Scores and weighted sums of attention. */
  readonly attention: number;
  /** Part of `linear`: the patch embedding, which noise on its outputs does not reach. */
  readonly embedding: number;
}

export function forwardFlops(config: VitConfig): ForwardFlops {
  const { width: D, depth, classes } = config;
  const N = patchCount(config);
  const T = N + 1;
  const embedding = 2 * N * patchLength(config) * D;
  const blocks = depth * 2 * T * D * (4 * D + 2 * hiddenWidth(config));
  return { linear: embedding + blocks + 2 * D * classes, attention: depth * 4 * T * T * D, embedding };
}

/** Of the task on one image: a gradient by inputs costs the linear products once more and those of attention twice. */
export function taskFlops(task: VitTask, config: VitConfig): number {
  const { linear, attention, embedding } = forwardFlops(config);
  const forward = linear + attention;
  const byInputs = linear + 2 * attention;
  switch (task) {
    case 'forward':
      return forward;
    case 'train':
      // No gradient by the pixels.
      return forward + byInputs + linear - embedding;
    case 'finetune':
      // Clean and noisy embeddings; those are made once.
      return 2 * (forward + byInputs + linear - embedding) - 2 * embedding;
    case 'pgd':
      // The clean and the found pixels are judged in the end.
      return ATTACK.steps * (forward + byInputs) + 2 * forward;
    case 'noise-synthesis':
      return 2 * forward - embedding + byInputs - embedding;
    case 'diffmask':
      // The passes of noise synthesis; what the gates add is left out, so a share of the peak is reckoned too low.
      return 2 * forward - embedding + byInputs - embedding;
  }
}
