import { normal } from '@vitrine/ml-tensor';
import { expect, it } from 'vitest';
import { patchEmbeddingNullSpace } from './patch-embedding-null-space.js';

/** Patch embeddings of the usual vision transformers as they are: rank arithmetic for generic weights. */
it.each([
  ['ViT-Ti/16', 192, 16, 576],
  ['ViT-S/16', 384, 16, 384],
  ['ViT-S/32', 384, 32, 2688],
  ['ViT-B/16', 768, 16, 0],
  ['ViT-B/32', 768, 32, 2304],
  ['ViT-B/8', 768, 8, 0],
  ['ViT-S/8', 384, 8, 0],
  ['ViT-L/16', 1024, 16, 0],
  ['ViT-L/32', 1024, 32, 2048],
  ['ViT-H/14', 1280, 14, 0],
  ['a toy of width 64 and patch 8', 64, 8, 128],
])(
  'the patch embedding of %s, width %i and patch %i, has a null space of dimension %i',
  (_, D, r, nullity) => {
    const data = normal({ seed: 23, purpose: 97 }, D * 3 * r ** 2);
    const space = patchEmbeddingNullSpace(
      { dtype: 'float32', shape: [D, 3, r, r], data },
      // SciPy's tolerance takes the weakest direction of a square Gaussian matrix for one of the null space.
      { rule: 'strict' },
    );
    expect(space.nullity).toBe(nullity);
    expect(space.ranks.strict).toBe(3 * r ** 2 - nullity);
  },
);
