import { describe, expect, it } from 'vitest';
import { initVit } from './init-vit.js';
import { vitParameterShapes, type VitConfig } from './vit-config.js';

const config: VitConfig = {
  imageSize: 32,
  patchSize: 8,
  channels: 3,
  width: 48,
  depth: 2,
  heads: 3,
  mlpRatio: 4,
  classes: 10,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

describe('initial weights', () => {
  const state = initVit(config, 5);
  const spread = (name: string): number => {
    const data = Float32Array.from(state[name]?.data ?? []);
    return Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  };

  it('have the names and shapes of the architecture', () => {
    const shapes = Object.entries(state).map(([name, tensor]) => [name, tensor.shape]);
    expect(Object.fromEntries(shapes)).toEqual(vitParameterShapes(config));
    for (const [name, { shape, data }] of Object.entries(state))
      expect(data.length, name).toBe(shape.reduce((a, b) => a * b, 1));
  });

  it('are a function of the seed, with another stream for every parameter', () => {
    expect(initVit(config, 5)).toEqual(state);
    expect(initVit(config, 6)['head.weight']).not.toEqual(state['head.weight']);
    expect(state['blocks.0.attn.proj.weight']?.data).not.toEqual(state['blocks.1.attn.proj.weight']?.data);
  });

  it("have timm's scales", () => {
    // Five standard errors of a standard deviation, 1/√(2n).
    const near = (name: string, std: number): void => {
      const n = state[name]?.data.length ?? 0;
      expect(Math.abs(spread(name) / std - 1), name).toBeLessThan(5 / Math.sqrt(2 * n));
    };
    near('blocks.1.mlp.fc2.weight', 0.02);
    near('blocks.0.attn.qkv.weight', 0.02);
    near('pos_embed', 0.02);
    near('head.weight', 0.02);
    near('cls_token', 1e-6);
    near('patch_embed.proj.weight', 1 / Math.sqrt(192) / Math.sqrt(3));
    const largest = Math.max(
      ...Float32Array.from(state['patch_embed.proj.weight']?.data ?? []).map(Math.abs),
    );
    expect(largest).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(192)));
  });

  it('start biases at 0 and LayerNorms at the identity', () => {
    for (const [name, { data }] of Object.entries(state)) {
      if (name.endsWith('.bias')) expect(new Set(data), name).toEqual(new Set([0]));
      if (/norm\d?\.weight$/.test(name)) expect(new Set(data), name).toEqual(new Set([1]));
    }
  });
});
