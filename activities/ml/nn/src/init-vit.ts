/**
 * Initial weights as timm's `init_weights_vit_timm`: linear weights and positions from N(0, 0.02²) (timm truncates at
 * ±2, a hundred standard deviations, which never binds), the class token from N(0, 10⁻¹²), LayerNorm 1 and 0.
 * The patch convolution keeps PyTorch's default, U(−1/√fanIn, 1/√fanIn).
 *
 * Differs from timm: the patch convolution's bias starts at 0 like every other bias.
 */
import { normal, PURPOSE, sizeOfShape, uniform, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { patchLength, vitParameterShapes, type VitConfig } from './vit-config.js';

const LINEAR_STD = 0.02;
const CLASS_TOKEN_STD = 1e-6;

/** The weights of a new model, a function of (config, seed): each parameter has its own stream of random numbers. */
export function initVit(config: VitConfig, seed: number): StateDict {
  const bound = 1 / Math.sqrt(patchLength(config));
  return Object.fromEntries(
    Object.entries(vitParameterShapes(config)).map(([name, shape], index): [string, HostTensor] => {
      const key = { seed, purpose: PURPOSE.initialisation, index };
      const size = sizeOfShape(shape);
      const values = (): Float32Array => {
        if (name === 'cls_token') return normal(key, size).map((z) => z * CLASS_TOKEN_STD);
        if (name === 'patch_embed.proj.weight') return uniform(key, size).map((u) => (2 * u - 1) * bound);
        if (name.endsWith('.bias')) return new Float32Array(size);
        if (/(^|\.)norm\d?\.weight$/.test(name)) return new Float32Array(size).fill(1);
        return normal(key, size).map((z) => z * LINEAR_STD);
      };
      return [name, { dtype: 'float32', shape, data: values() }];
    }),
  );
}
