/** T13 and T20 of the method's tests: the whole way on models whose smoothed answer is known. */
import * as tf from '@tensorflow/tfjs-core';
import { classAttention } from '@vitrine/ml-nn';
import { uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { certifyImage, complete, smoothedAttention, type CertifyPlan } from './certify-image.js';
import { certify } from './certify.js';
import { drawStream } from './draw-stream.js';
import { checkPixels, PixelScaleError, type DrawSettings } from './draws.js';
import { normalCdf } from './normal-distribution.js';
import {
  BATCH,
  config,
  exact,
  ofClasses,
  schedule,
  sided,
  vitDrawer,
  vitWeights,
  withDrawer,
} from './testing/smoothed-models.js';

// μ itself, in pixels of [0, 1]: half of 1 away from the line.
const image = { index: 3, pixels: Float32Array.of(0.8, 0.9) };
const plan: CertifyPlan & { classes: number } = {
  sigma: 0.25,
  alpha: 0.001,
  selection: 50,
  draws: 4000,
  batch: BATCH,
  abstention: 'certain',
  classes: 2,
};

const plainSides = ofClasses((_, pixels) => sided(pixels));

describe('two points and the line between them', () => {
  it.each([0.25, 0.5, 1])('has the margin as its radius with the exact denoiser, at σ %f', (sigma) => {
    const model = ofClasses(
      (_, pixels) => sided(pixels),
      () => exact(sigma),
    );
    const denoised = withDrawer(model, { sigma, diffusion: { schedule, mode: 'one-shot' } }, (drawer) =>
      complete(certifyImage(drawer, image, { ...plan, sigma })),
    );
    const plain = withDrawer(plainSides, { sigma }, (drawer) =>
      complete(certifyImage(drawer, image, { ...plan, sigma })),
    );
    // A denoiser does not change a decision that is a monotone function of μ·y.
    expect(denoised.certificate).toEqual(plain.certificate);
    const { certificate } = denoised;
    if (certificate.outcome !== 'certified') throw new Error('abstained');
    expect(certificate.label).toBe(1);
    expect(certificate.radius).toBeLessThanOrEqual(0.5);
    expect(certificate.radius).toBeGreaterThan(0.4);
    expect(denoised.renyi).toBeLessThan(certificate.radius);
    // p = Φ(margin / σ): noise added twice would give Φ(margin / √2 σ).
    const share = withDrawer(model, { sigma, diffusion: { schedule, mode: 'one-shot' } }, (drawer) => {
      const labels = complete(drawer.labels(image, { first: 0, count: 4000 }));
      return labels.reduce((sum, label) => sum + label, 0) / labels.length;
    });
    expect(Math.abs(share - normalCdf(0.5 / sigma))).toBeLessThan(0.025);
    expect(Math.abs(share - normalCdf(0.5 / sigma / Math.SQRT2))).toBeGreaterThan(0.025);
  });

  it('behind a denoiser that says there is no noise has the very draws of plain smoothing', () => {
    // Little noise, so that no draw is clipped.
    const near = { index: 6, pixels: Float32Array.of(0.51, 0.48) };
    const silent = ofClasses(
      (_, pixels) => sided(pixels),
      () => (noisy) => tf.zerosLike(noisy),
    );
    const labels = (model: typeof silent, settings: Partial<DrawSettings>): Int32Array =>
      withDrawer(model, { sigma: 0.02, ...settings }, (drawer) =>
        complete(drawer.labels(near, { first: 0, count: 1000 })),
      );
    const plain = labels(plainSides, {});
    expect(labels(silent, { diffusion: { schedule, mode: 'one-shot' } })).toEqual(plain);
    expect(new Set(plain).size).toBe(2);
  });

  it('depends on no size of batch', () => {
    const of = (batch: number) =>
      withDrawer(plainSides, { batch }, (drawer) => [
        ...complete(drawer.labels(image, { first: 10, count: 100 })),
      ]);
    expect(of(7)).toEqual(of(100));
  });

  it('begins each draw in whole blocks of its stream, beyond 2³² of them too', () => {
    const place = { seed: 1, purpose: 24, image: 9, stride: 150_528 };
    expect([...drawStream({ ...place, first: 0 })]).toEqual([1, 24, 0, 0, 9, 0]);
    const block = 200_000 * 37_632;
    expect([...drawStream({ ...place, first: 200_000, step: 7 })]).toEqual([
      ...[1, 24, (block % 2 ** 32) | 0, Math.floor(block / 2 ** 32), 9, 7],
    ]);
    expect(drawStream({ ...place, stride: 2, first: 3 })[2]).toBe(3);
  });

  it('abstains at the line, and sooner by a risk', () => {
    const onLine = { index: 4, pixels: Float32Array.of(0.5, 0.5) };
    const drawn = (abstention: CertifyPlan['abstention']): number =>
      withDrawer(plainSides, {}, (drawer) => {
        const result = complete(certifyImage(drawer, onLine, { ...plan, abstention }));
        expect(result.certificate.outcome).toBe('abstained');
        return result.drawn;
      });
    expect(drawn('never')).toBe(4050);
    expect(drawn('certain')).toBeLessThanOrEqual(4050);
    const wrong = { index: 5, pixels: Float32Array.of(0.5, 0.5) };
    const few = withDrawer(plainSides, {}, (drawer) =>
      complete(certifyImage(drawer, wrong, { ...plan, abstention: { risk: 0.3 } })),
    );
    expect(few.drawn).toBeLessThanOrEqual(drawn('certain'));
  });

  it('gives the same by early abstention as without, where it certifies', () => {
    const of = (abstention: CertifyPlan['abstention']) =>
      withDrawer(plainSides, {}, (drawer) => complete(certifyImage(drawer, image, { ...plan, abstention })));
    expect(of('never')).toEqual(of('certain'));
  });

  it('walks back step by step to the same side', () => {
    const model = ofClasses(
      (_, pixels) => sided(pixels),
      () => exact(0.05),
    );
    const settings = { sigma: 0.05, batch: 20, diffusion: { schedule, mode: 'multi-step' as const } };
    const labels = withDrawer(model, settings, (drawer) =>
      complete(drawer.labels(image, { first: 0, count: 30 })),
    );
    expect([...labels]).toEqual(new Array(30).fill(1));
  });
});

describe('a vision transformer', () => {
  const seen = { index: 0, pixels: uniform({ seed: 4, purpose: 94 }, 64) };
  const claim = { k: 4, beta: 0.5, alpha: 0.01, draws: 128 };

  it('without noise is the one it was', () => {
    vitDrawer(0, (drawer) => {
      const one = complete(smoothedAttention(drawer, seen, { first: 0, count: 1, k: 4 }));
      const many = complete(smoothedAttention(drawer, seen, { first: 5, count: 70, k: 4 }));
      many.mean.forEach((value, i) => expect(value).toBeCloseTo(one.mean[i] ?? NaN, 6));
      expect(many.counts.filter((count) => count > 0)).toEqual([70]);
      const alone = tf.tidy(() => {
        const params = Object.fromEntries(
          Object.entries(vitWeights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        );
        const pixels = tf.tensor4d(seen.pixels, [1, 1, 8, 8]);
        return classAttention({ config, params }, pixels).attention_BN.dataSync();
      });
      alone.forEach((value, i) => expect(one.mean[i]).toBeCloseTo(value, 6));
      expect(many.mean.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    });
  });

  it('has a region in which prediction and attention are certified', () => {
    const result = vitDrawer(0.05, (drawer) =>
      complete(
        certifyImage(drawer, seen, {
          ...plan,
          sigma: 0.05,
          draws: 256,
          batch: 64,
          classes: 3,
          attention: claim,
        }),
      ),
    );
    expect(result.attention?.mean).toHaveLength(16);
    expect(result.attention?.top).toHaveLength(4);
    expect(result.attention?.radius).toBeGreaterThanOrEqual(0);
    expect(result.drawn).toBe(50 + 256 + 256);
  });

  it('is not asked about pixels of another scale', () => {
    expect(() => checkPixels(Float32Array.of(0, 0.5, 1))).not.toThrow();
    expect(() => checkPixels(Float32Array.of(0, 255))).toThrow(
      'expected values in [0, 1], got values from 0 to 255',
    );
    expect(() => checkPixels(Float32Array.of(-1, 1))).toThrow(PixelScaleError);
    expect(() => checkPixels(Float32Array.of(NaN))).toThrow(PixelScaleError);
  });
});

describe('the share of wrong certificates', () => {
  it('of a classifier on the line stays within what alpha allows', () => {
    // Exactly on the border of its certified radius: 200 images, each certified anew.
    const wrong = Array.from({ length: 200 }, (_, index) =>
      withDrawer(plainSides, {}, (drawer) => {
        const labels = complete(drawer.labels({ ...image, index }, { first: 0, count: 500 }));
        const hits = labels.reduce((sum, label) => sum + label, 0);
        const found = certify(1, [500 - hits, hits], { sigma: 0.25, alpha: 0.1 });
        return found.outcome === 'certified' && found.radius > 0.5;
      }),
    ).filter(Boolean).length;
    // 200 trials of at most 0.1 each: more than 35 would be a one-in-a-thousand event.
    expect(wrong).toBeLessThanOrEqual(35);
  });
});
