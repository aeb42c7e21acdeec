import { vitParameterShapes } from '@vitrine/ml-nn';
import { describe, expect, it } from 'vitest';
import { smallConfig } from './testing/small-run.js';
import { trainableNames, type TrainableLayers } from './trainable-layers.js';

const all = Object.keys(vitParameterShapes(smallConfig));
const held = (layers: TrainableLayers): string[] => {
  const names = trainableNames(smallConfig, layers);
  return all.filter((name) => !names.includes(name));
};

describe('the parameters that learn', () => {
  it('are all, or all but those that the choice names, in the order of the architecture', () => {
    const patches = ['patch_embed.proj.weight', 'patch_embed.proj.bias'];
    const head = ['head.weight', 'head.bias'];
    expect(trainableNames(smallConfig, { kind: 'all' })).toEqual(all);
    expect(held({ kind: 'without-patch-embedding' })).toEqual(patches);
    expect(held({ kind: 'encoder' })).toEqual([...patches, ...head]);
    expect(trainableNames(smallConfig, { kind: 'head' })).toEqual(head);
  });

  it('are the last blocks with what follows them', () => {
    expect(held({ kind: 'last-blocks', blocks: 1 })).toEqual(
      all.filter((name) => /^(cls|pos|patch|blocks\.0\.)/.test(name)),
    );
    expect(() => trainableNames(smallConfig, { kind: 'last-blocks', blocks: 3 })).toThrow(
      'trainable.blocks: expected at most the depth 2, got 3',
    );
  });

  it('are gain and offset of every LayerNorm', () => {
    const norms = ['blocks.0.norm1', 'blocks.0.norm2', 'blocks.1.norm1', 'blocks.1.norm2', 'norm'];
    expect(trainableNames(smallConfig, { kind: 'norms' })).toEqual(
      norms.flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    );
  });
});
