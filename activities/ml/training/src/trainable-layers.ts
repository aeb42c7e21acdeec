import { vitParameterShapes, type VitConfig } from '@vitrine/ml-nn';

/** Which parameters learn; the others keep their values, and neither gradient nor weight decay reaches them. */
export type TrainableLayers =
  /** Every parameter, as the method's code has it. */
  | { readonly kind: 'all' }
  /** Class token, positions, blocks and final LayerNorm: what stands between embedding and head, as the method is printed. */
  | { readonly kind: 'encoder' }
  | { readonly kind: 'head' }
  /** All but the projection of patches. */
  | { readonly kind: 'without-patch-embedding' }
  /** The last so many blocks, the final LayerNorm and the head. */
  | { readonly kind: 'last-blocks'; readonly blocks: number }
  /** Gains and offsets of all LayerNorms. */
  | { readonly kind: 'norms' };

const isHead = (name: string): boolean => name.startsWith('head.');
const isPatchEmbedding = (name: string): boolean => name.startsWith('patch_embed.');
const isNorm = (name: string): boolean => /(^|\.)norm\d?\./.test(name);

/**
 * Names of the parameters that learn, in the order of the architecture.
 * @throws RangeError when the model has fewer blocks than the last so many
 */
export function trainableNames(config: VitConfig, layers: TrainableLayers): readonly string[] {
  if (layers.kind === 'last-blocks' && layers.blocks > config.depth)
    throw new RangeError(
      `trainable.blocks: expected at most the depth ${config.depth}, got ${layers.blocks}`,
    );
  return Object.keys(vitParameterShapes(config)).filter((name) => learns(config, layers, name));
}

function learns({ depth }: VitConfig, layers: TrainableLayers, name: string): boolean {
  switch (layers.kind) {
    case 'all':
      return true;
    case 'encoder':
      return !isHead(name) && !isPatchEmbedding(name);
    case 'head':
      return isHead(name);
    case 'without-patch-embedding':
      return !isPatchEmbedding(name);
    case 'norms':
      return isNorm(name);
    case 'last-blocks': {
      const block = /^blocks\.(\d+)\./.exec(name)?.[1];
      if (block !== undefined) return Number(block) >= depth - layers.blocks;
      return isHead(name) || name.startsWith('norm.');
    }
  }
}
