import type { HostTensor, StateDict } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { exportHuggingFace, importWeights } from './import-weights.js';
import { initVit } from './init-vit.js';
import type { VitConfig } from './vit-config.js';
import { WeightsError } from './weights-error.js';

const config: VitConfig = {
  imageSize: 8,
  patchSize: 4,
  channels: 3,
  width: 12,
  depth: 2,
  heads: 3,
  mlpRatio: 4,
  classes: 4,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

const state = initVit(config, 1);

const without = (from: StateDict, ...names: string[]): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

const errorOf = (weights: StateDict): WeightsError => {
  try {
    importWeights(config, weights);
  } catch (error) {
    if (error instanceof WeightsError) return error;
  }
  throw new Error('expected a WeightsError');
};

describe('weights from a file', () => {
  it("under timm's names are taken as they are", () => {
    expect(importWeights(config, state)).toEqual(state);
  });

  it("go to Hugging Face's names and back bit by bit", () => {
    const exported = exportHuggingFace(config, state);
    expect(importWeights(config, exported)).toEqual(state);
    expect(Object.keys(exported).sort()).toEqual(
      [
        'classifier.bias',
        'classifier.weight',
        'vit.embeddings.cls_token',
        'vit.embeddings.patch_embeddings.projection.bias',
        'vit.embeddings.patch_embeddings.projection.weight',
        'vit.embeddings.position_embeddings',
        ...[0, 1].flatMap((layer) =>
          [
            'attention.attention.key',
            'attention.attention.query',
            'attention.attention.value',
            'attention.output.dense',
            'intermediate.dense',
            'layernorm_after',
            'layernorm_before',
            'output.dense',
          ].flatMap((part) => ['bias', 'weight'].map((kind) => `vit.encoder.layer.${layer}.${part}.${kind}`)),
        ),
        'vit.layernorm.bias',
        'vit.layernorm.weight',
      ].sort(),
    );
  });

  it('of a Hugging Face model without the vit. prefix are found too', () => {
    const bare = Object.entries(exportHuggingFace(config, state)).map(([name, tensor]) => [
      name.replace(/^vit\./, ''),
      tensor,
    ]);
    expect(importWeights(config, Object.fromEntries(bare))).toEqual(state);
  });

  it('put query, key and value of Hugging Face into the rows of qkv in this order', () => {
    const exported = { ...exportHuggingFace(config, state) };
    const at = 'vit.encoder.layer.1.attention.attention';
    for (const [value, part] of ['query', 'key', 'value'].entries())
      exported[`${at}.${part}.bias`] = {
        dtype: 'float32',
        shape: [12],
        data: new Float32Array(12).fill(value + 1),
      };
    const qkv = importWeights(config, exported)['blocks.1.attn.qkv.bias'];
    expect([...(qkv?.data ?? [])]).toEqual([
      ...Array(12).fill(1),
      ...Array(12).fill(2),
      ...Array(12).fill(3),
    ]);
  });
});

describe('weights that do not fit', () => {
  it('are refused with everything missing, unexpected and of another shape at once', () => {
    const odd: HostTensor = { dtype: 'float32', shape: [3], data: new Float32Array(3) };
    const integer: HostTensor = { dtype: 'int32', shape: [12], data: new Int32Array(12) };
    const error = errorOf({
      ...without(state, 'head.bias', 'norm.weight'),
      'head.weight': odd,
      'norm.bias': integer,
      'blocks.2.norm1.weight': odd,
    });
    expect(error.missing).toEqual(['norm.weight', 'head.bias']);
    expect(error.unexpected).toEqual(['blocks.2.norm1.weight']);
    expect(error.wrongShapes).toEqual([
      'norm.bias (expected float32 [12], got int32)',
      'head.weight (expected [4, 12], got [3])',
    ]);
    expect(error.message).toBe(
      'the weights do not fit the architecture; missing: norm.weight, head.bias; ' +
        'unexpected: blocks.2.norm1.weight; wrong shapes: norm.bias (expected float32 [12], got int32), ' +
        'head.weight (expected [4, 12], got [3])',
    );
  });

  it('of a Hugging Face model name what lacks a part and what nobody knows', () => {
    const exported = exportHuggingFace(config, state);
    const key = 'vit.encoder.layer.0.attention.attention.key.weight';
    const pooler: HostTensor = { dtype: 'float32', shape: [1], data: new Float32Array(1) };
    const error = errorOf({ ...without(exported, key), 'vit.pooler.dense.bias': pooler });
    expect(error.missing).toEqual(['blocks.0.attn.qkv.weight']);
    expect(error.unexpected).toEqual(['vit.pooler.dense.bias']);
  });

  it('are not exported', () => {
    expect(() => exportHuggingFace(config, without(state, 'cls_token'))).toThrow('missing: cls_token');
  });
});
