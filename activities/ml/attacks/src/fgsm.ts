/**
 * Fast gradient sign method: Goodfellow, Shlens, Szegedy, "Explaining and Harnessing Adversarial Examples", ICLR 2015,
 * equation of section 4: x + ε sign(∇ₓ CE), clipped to [0, 1]. Reference followed: torchattacks 23620a6.
 */
import { ascend, type AttackedModel, type HostBatch } from './attack-program.js';

/**
 * Adversarial pixels: one step of size ε from the clean ones.
 * @param options.epsilon budget in L∞, in pixels of [0, 1]
 */
export function fgsm(
  model: AttackedModel,
  batch: HostBatch,
  { epsilon }: { readonly epsilon: number },
): Float32Array {
  return ascend(model, batch.pixels, { ...batch, limits: [epsilon, epsilon] });
}
