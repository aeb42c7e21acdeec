import { classify, embedPatches, encode } from '@vitrine/ml-nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  disposeAll,
  eagerExecutor,
  normal,
  sizeOfShape,
  toTensors,
  uniform,
  type StateDict,
} from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { smallConfig, smallPixels, smallSettings, smallWeights } from '../testing/small-model.js';
import { calibrateAdd } from './calibrate.js';
import { gateParameterShapes, gateLogits, initGates, initPlaceholder } from './gate-network.js';
import { gateGradients, objective, PLACEHOLDER, type GateBatch } from './gate-step.js';
import { gateShape } from './gate-state.js';
import { GateTrainer, type GateTrainerPlan } from './gate-trainer.js';
import { logOpen, openProbability } from './hard-concrete.js';
import { cleanPass, divergence, maskedLogits, maskPatches } from './masking.js';
import { releasedOptimizer, type GateSettings } from './settings.js';

const [B, G, N, D] = [2, 5, 9, 16];
const shape = gateShape(smallConfig, smallSettings.hidden);
const vit = { config: smallConfig, params: toTensors(smallWeights), frozen: true };
const start = toTensors(initGates(shape, { seed: 5, add: 1 }));
const placeholder_1D = tf.keep(tf.tensor2d(normal({ seed: 6, purpose: 90 }, D), [1, D]));
afterAll(() => {
  disposeAll(vit.params);
  disposeAll(start);
  placeholder_1D.dispose();
});

const pixels = (step = 0): tf.Tensor4D => tf.tensor4d(smallPixels(B, step), [B, 3, 12, 12]);
const values = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);
const most = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN))));
const masked = (mask: tf.Tensor2D, step = 0): tf.Tensor2D =>
  maskedLogits(vit, cleanPass(vit, pixels(step)), { mask_BN: mask, placeholder_1D });

describe('the divergence', () => {
  it('is forward, from the original to the masked answer', () => {
    const [a, b] = [() => tf.tensor2d([[2, 0, 0]]), () => tf.zeros<tf.Rank.R2>([1, 3])];
    expect(values(() => divergence(a(), b()))[0]).toBeCloseTo(0.43303961, 6);
    expect(values(() => divergence(b(), a()))[0]).toBeCloseTo(0.47426581, 6);
  });

  it('is zero when nothing is masked, and never below', () => {
    const whole = (): tf.Tensor2D => masked(tf.ones([B, N]));
    const logits = (): tf.Tensor2D => classify(vit, encode(vit, embedPatches(vit, pixels())));
    expect(most(values(whole), values(logits))).toBeLessThan(1e-5);
    expect(
      most(
        values(() => divergence(logits(), whole())),
        [0, 0],
      ),
    ).toBeLessThan(1e-6);
    for (let seed = 0; seed < 5; seed++) {
      const draw = (): tf.Tensor2D => tf.tensor2d(uniform({ seed, purpose: 91 }, B * N), [B, N]);
      expect(Math.min(...values(() => divergence(logits(), masked(draw()))))).toBeGreaterThanOrEqual(-1e-6);
    }
  });
});

describe('a mask', () => {
  it('of nothing kept gives every image the same answer', () => {
    const [first, second] = [
      values(() => masked(tf.zeros([B, N]))),
      values(() => masked(tf.zeros([B, N]), 1)),
    ];
    expect(first).toEqual(second);
    expect(most(first.slice(0, 5), first.slice(5))).toBeLessThan(1e-5);
  });

  it('hides what is in the patches that it shuts', () => {
    const mask = (): tf.Tensor2D =>
      tf.tensor2d(
        [...Array(B)].flatMap(() => [0, 0, 1, 1, 1, 1, 1, 1, 1]),
        [B, N],
      );
    const swapped = (): tf.Tensor2D => {
      const clean = cleanPass(vit, pixels());
      const order = [1, 0, 2, 3, 4, 5, 6, 7, 8];
      const patches_BND = tf.gather(clean.patches_BND, order, 1);
      return maskedLogits(vit, { patches_BND }, { mask_BN: mask(), placeholder_1D });
    };
    expect(
      most(
        values(swapped),
        values(() => masked(mask())),
      ),
    ).toBeLessThan(1e-6);
  });

  it('has h̄ − b as its gradient, and 1 − z as that of the placeholder', () => {
    const patches = normal({ seed: 8, purpose: 90 }, B * N * D);
    const z = uniform({ seed: 8, purpose: 91 }, B * N);
    const [byMask, byPlaceholder] = tf.tidy(() => {
      const patches_BND = tf.tensor3d(patches, [B, N, D]);
      const total = (mask: tf.Tensor, b: tf.Tensor): tf.Scalar =>
        tf.sum(maskPatches(patches_BND, mask as tf.Tensor2D, b as tf.Tensor2D));
      return tf
        .grads(total)([tf.tensor2d(z, [B, N]), placeholder_1D])
        .map((grad) => [...grad.dataSync()]) as never;
    }) as unknown as [number[], number[]];
    const b = [...placeholder_1D.dataSync()].reduce((sum, value) => sum + value, 0);
    const expected = Array.from(
      { length: B * N },
      (_, token) => patches.subarray(token * D, (token + 1) * D).reduce((sum, value) => sum + value, 0) - b,
    );
    expect(most(byMask, expected)).toBeLessThan(1e-4);
    const rest = z.reduce((sum, value) => sum + 1 - value, 0);
    expect(most(byPlaceholder, Array(D).fill(rest) as number[])).toBeLessThan(1e-4);
  });
});

describe('the gates', () => {
  const states = (): tf.Tensor2D[] =>
    Array.from({ length: G }, (_, i) => tf.tensor2d(normal({ seed: i, purpose: 92 }, 20 * D), [20, D]));
  const logitsOf = (gates: Readonly<Record<string, tf.Tensor>>): number[] =>
    values(() => gateLogits(gates, { states: states(), stretch: 5 }));

  it('with g and biases of zero vote exactly `add`, which sets the mask', () => {
    const silent = (add: number): number[] =>
      tf.tidy(() => {
        const zero = Object.keys(start).map((name) => [
          name,
          /g$|bias$/.test(name) ? tf.zerosLike(start[name] as tf.Tensor) : start[name],
        ]);
        return logitsOf({ ...(Object.fromEntries(zero) as typeof start), add: tf.fill([G], add) });
      }) as unknown as number[];
    expect(new Set(silent(8))).toEqual(new Set([8]));
    expect(openProbability(8) ** 14).toBeCloseTo(0.99660229, 7);
    expect(14 * (values(() => logOpen(tf.scalar(0)))[0] ?? NaN)).toBeCloseTo(-7.63139036, 5);
  });

  it('read the patch embedding beside their state, the first one twice, by weights whose rows have norm g', () => {
    const shown = states().map((state) => [...state.dataSync()]);
    const host = (name: string): number[] => [...(start[name] as tf.Tensor).dataSync()];
    const U = smallSettings.hidden;
    const dot = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
    /** g (v · x) / ‖v‖ + bias of row `row`. */
    const linear = (layer: string, row: number, x: readonly number[]): number => {
      const v = host(`${layer}.v`).slice(row * x.length, (row + 1) * x.length);
      return (
        ((host(`${layer}.g`)[row] ?? NaN) * dot(v, x)) / Math.hypot(...v) +
        (host(`${layer}.bias`)[row] ?? NaN)
      );
    };
    const found = logitsOf(start);
    for (let gate = 0; gate < G; gate++) {
      const x = [...(shown[0] ?? []).slice(0, D), ...(shown[gate] ?? []).slice(0, D)];
      const active = Array.from({ length: U }, (_, unit) => Math.tanh(linear('hidden', gate * U + unit, x)));
      const logit = 5 * Math.tanh(linear('vote', gate, active)) + (host('add')[gate] ?? NaN);
      expect(found[gate * 20]).toBeCloseTo(logit, 4);
    }
    expect(Math.hypot(...host('vote.v').slice(0, U))).toBeCloseTo(host('vote.g')[0] ?? NaN, 5);
  });

  it('do not depend on the length of v', () => {
    const longer = tf.tidy(
      () => logitsOf({ ...start, 'hidden.v': tf.mul(start['hidden.v'] as tf.Tensor, 3) }) as never,
    );
    expect(most(longer as unknown as number[], logitsOf(start))).toBeLessThan(1e-5);
  });

  it('of a ViT-B have 4,137,656 parameters with placeholder and multipliers', () => {
    const released = gateParameterShapes({ gates: 14, width: 768, hidden: 192 });
    const sizes = Object.values(released).map(sizeOfShape);
    expect(sizes.reduce((sum, size) => sum + size, 0) + 768 + 14).toBe(4_137_656);
    const large = { gates: 2, width: 768, hidden: 192 };
    const { data } = initPlaceholder(large, { seed: 1, learned: true });
    const deviation = Math.sqrt([...data].reduce((sum, value) => sum + value ** 2, 0) / 768);
    expect(Math.abs(deviation * Math.sqrt(768) - 1)).toBeLessThan(0.1);
  });

  it('are calibrated to the mean mask that was asked for', () => {
    const logits = Float32Array.from(logitsOf(start));
    const add = calibrateAdd(logits, G, 0.8);
    const masks = Array.from({ length: 20 }, (_, token) =>
      Array.from({ length: G }, (_unused, gate) =>
        openProbability((logits[gate * 20 + token] ?? NaN) + add),
      ).reduce((a, b) => a * b),
    );
    expect(masks.reduce((sum, value) => sum + value, 0) / 20).toBeCloseTo(0.8, 6);
  });
});

describe('the objective', () => {
  const batch = (depth: number): GateBatch => ({
    pixels_BCHW: pixels(),
    noise_GBN: tf.tensor3d(uniform({ seed: 3, purpose: 93 }, G * B * N), [G, B, N]),
    active_G: tf.tensor1d(Array.from({ length: G }, (_, gate) => (gate <= depth ? 1 : 0))),
  });
  const gradients = (
    depth: number,
    gates = start,
    settings: GateSettings = smallSettings,
  ): StateDict & { loss?: never } => {
    const found = tf.tidy(() => {
      const multiplier = tf.scalar(2);
      const { grads, loss } = gateGradients(
        { vit, masker: { gates, placeholder_1D }, multiplier },
        batch(depth),
        settings,
      );
      const host = Object.entries({ ...grads, loss }).map(([name, grad]) => [
        name,
        { dtype: 'float32', shape: grad.shape, data: grad.dataSync().slice() },
      ]);
      return Object.fromEntries(host) as never;
    });
    return found as unknown as StateDict;
  };

  it('moves the gates up to the depth that was drawn and no other', () => {
    const trained = (depth: number): boolean[] => {
      const grad = gradients(depth)['hidden.v']?.data as Float32Array;
      const size = grad.length / G;
      const moves = (gate: number): boolean =>
        grad.subarray(gate * size, (gate + 1) * size).some((value) => value !== 0);
      return Array.from({ length: G }, (_, gate) => moves(gate));
    };
    expect(trained(0)).toEqual([true, false, false, false, false]);
    expect(trained(2)).toEqual([true, true, true, false, false]);
    expect(trained(G - 1)).toEqual(Array(G).fill(true));
  });

  it('penalises the class token where that is asked for, and masks it in no case', () => {
    const figures = (penaliseClass: boolean): number[] =>
      values(() => {
        const clean = cleanPass(vit, pixels());
        const masker = { gates: start, placeholder_1D };
        const { figures: of } = objective({ vit, masker, clean, multiplier: tf.scalar(2) }, batch(G - 1), {
          ...smallSettings,
          penaliseClass,
        });
        return tf.stack([of.divergence, of.kept, of.penalty]);
      });
    const [counted, left] = [figures(true), figures(false)];
    expect(counted.slice(0, 2)).toEqual(left.slice(0, 2));
    expect(counted[2]).not.toBe(left[2]);
  });

  it.each(['log-probability', 'probability'] as const)(
    'with the penalty of the %s has the gradients of finite differences',
    (penalty) => {
      const settings = { ...smallSettings, penalty, penaliseClass: false };
      const exact = gradients(G - 1, start, settings);
      const step = 2e-3;
      for (const name of ['hidden.v', 'hidden.g', 'vote.v', 'vote.bias', 'add']) {
        const size = start[name]?.size ?? 0;
        const direction = normal({ seed: 2, purpose: 94 }, size);
        const at = (side: number): number =>
          tf.tidy(() => {
            const moved = tf.add(
              start[name] as tf.Tensor,
              tf.mul(tf.tensor(direction, start[name]?.shape), side * step),
            );
            return (gradients(G - 1, { ...start, [name]: moved }, settings) as StateDict)['loss']
              ?.data[0] as never;
          }) as unknown as number;
        const slope = (at(1) - at(-1)) / (2 * step);
        const along = direction.reduce((sum, d, i) => sum + d * (exact[name]?.data[i] ?? NaN), 0);
        expect(Math.abs(along - slope), name).toBeLessThan(0.03 * Math.abs(slope) + 0.02);
      }
      expect(Object.keys(exact)).toContain(PLACEHOLDER);
    },
  );
});

describe('the multiplier', () => {
  const plan = (settings: Partial<GateSettings>): GateTrainerPlan => ({
    ...{ executor: eagerExecutor, config: smallConfig, weights: smallWeights, batchSize: B, seed: 3 },
    settings: { ...smallSettings, hidden: 4, optimizer: { ...releasedOptimizer, every: 0 }, ...settings },
    rates: { gates: 0, placeholder: 0, multiplier: 0.3, warmupSteps: 0 },
    balanceDepths: false,
  });
  const second = (settings: Partial<GateSettings>, from = 20): number => {
    const trainer = GateTrainer.start(plan(settings), { add: 0, multiplier: from });
    trainer.learn(smallPixels(B));
    const { multiplier } = trainer.gates();
    trainer.dispose();
    return multiplier?.data[0] ?? NaN;
  };

  it('rises by its rate where the constraint is broken and falls where it holds', () => {
    expect(second({ tolerance: 1e-6 })).toBeCloseTo(20.3, 4);
    expect(second({ tolerance: 100 })).toBeCloseTo(19.7, 4);
    expect(second({ tolerance: 1e-6, passes: 'separate-as-released' })).toBeCloseTo(20.3, 4);
  });

  it('goes the other way as released', () => {
    expect(second({ tolerance: 1e-6, multiplierUpdate: 'descent-as-released' })).toBeCloseTo(19.7, 4);
    expect(second({ tolerance: 100, multiplierUpdate: 'descent-as-released' })).toBeCloseTo(20.3, 4);
  });

  it('stays in its bounds', () => {
    expect(second({ tolerance: 100 }, 0.1)).toBe(0);
    expect(second({ tolerance: 1e-6 }, 199.9)).toBe(200);
  });
});
