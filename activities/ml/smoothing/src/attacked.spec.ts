/** T12 and T25 of the method's tests: certified radii under attacks that know what they attack. */
import * as tf from '@tensorflow/tfjs-core';
import { uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { certifyImage, complete, smoothedAttention, type CertifyPlan } from './certify-image.js';
import { predict } from './certify.js';
import type { Drawer, DrawnImage } from './draws.js';
import { leavingCount, topKOverlap } from './top-k.js';
import { normalCdf } from './normal-distribution.js';
import type { SmoothedModel } from './smoothing-program.js';
import { attackSmoothed, type SmoothedAttack } from './smoothed-attack.js';
import { exact, MU, ofClasses, schedule, sided, vitDrawer, withDrawer } from './testing/smoothed-models.js';

const plan: CertifyPlan & { classes: number } = {
  sigma: 0.25,
  alpha: 0.001,
  selection: 50,
  draws: 4000,
  batch: 250,
  abstention: 'certain',
  classes: 2,
};

/** sign(w·x + b) with w = (3, 4), b = −1. */
const WEIGHTS = [3, 4] as const;
const linear = ofClasses((_, pixels) => {
  const score = tf.sub(
    tf.sum(tf.mul(tf.reshape(pixels, [-1, 2]), tf.tensor2d([...WEIGHTS], [1, 2])), 1, true),
    1,
  );
  return tf.concat([tf.neg(score), score], 1) as tf.Tensor2D;
});

interface AnalyticCase {
  readonly model: SmoothedModel;
  readonly pixels: readonly [number, number];
  /** Of a point to the border; its gradient is everywhere `normal`. */
  readonly distance: (x: number, y: number) => number;
  readonly normal: readonly [number, number];
}

const halfSpace = ([w0, w1]: readonly [number, number], b: number) => ({
  distance: (x: number, y: number): number => (w0 * x + w1 * y + b) / Math.hypot(w0, w1),
  normal: [w0 / Math.hypot(w0, w1), w1 / Math.hypot(w0, w1)] as const,
});

const cases: Readonly<Record<string, (sigma: number) => AnalyticCase>> = {
  'a linear classifier': () => ({ model: linear, pixels: [2, 1], ...halfSpace(WEIGHTS, -1) }),
  'two points behind their exact denoiser': (sigma) => ({
    model: ofClasses(
      (_, pixels) => sided(pixels),
      () => exact(sigma),
    ),
    pixels: [0.8, 0.9],
    ...halfSpace([2 * MU[0], 2 * MU[1]], -(MU[0] + MU[1])),
  }),
};

const attackOf = (over: Partial<SmoothedAttack>): SmoothedAttack => ({
  aim: 'class',
  label: 0,
  inside: new Float32Array(16),
  norm: 'l2',
  radius: 1,
  stepSize: 0.25,
  steps: 8,
  seed: 5,
  clip: false,
  ...over,
});

/** The image as an attack of this strength leaves it, as another image: its draws are new ones. */
function attacked(
  drawer: Drawer,
  image: DrawnImage,
  over: Partial<SmoothedAttack> & { radius: number },
): DrawnImage {
  const attack = attackOf({ stepSize: over.radius / 3, ...over });
  return { index: 1000 + image.index, pixels: complete(attackSmoothed(drawer, image, attack)) };
}

describe.each(Object.entries(cases))('%s', (name, of) => {
  const certified = (sigma: number): number => {
    const { model, pixels } = of(sigma);
    const diffusion = model.denoiser ? { diffusion: { schedule, mode: 'one-shot' as const } } : {};
    const { certificate } = withDrawer(model, { sigma, ...diffusion }, (drawer) =>
      complete(certifyImage(drawer, { index: 3, pixels: Float32Array.from(pixels) }, { ...plan, sigma })),
    );
    if (certificate.outcome !== 'certified') throw new Error('abstained: the test says nothing');
    expect(certificate.label).toBe(1);
    return certificate.radius;
  };

  it.each([0.5, 1, 2])(
    'at σ %f has nearly the distance to its border as its radius, and no more',
    (sigma) => {
      const { distance, pixels } = of(sigma);
      const truth = distance(...pixels);
      expect(truth).toBeCloseTo(name === 'a linear classifier' ? 1.8 : 0.5, 12);
      const radius = certified(sigma);
      expect(radius).toBeLessThanOrEqual(truth);
      // Within what 4,000 draws leave open, and what they cannot tell from certainty.
      expect(radius).toBeGreaterThan(Math.min(truth - 0.15 * sigma, 2.7 * sigma));
    },
  );

  it('falls to none of 10,000 attacks inside its certified radius, and to all beyond its border', () => {
    const sigma = 0.5;
    const { distance, normal: away, pixels } = of(sigma);
    const radius = certified(sigma);
    /** PGD in L2 on the smoothed classifier itself, which gives class 1 with probability Φ(distance / σ). */
    const flipped = (within: number): number => {
      const turns = uniform({ seed: 8, purpose: 94 }, 20_000);
      let found = 0;
      for (let attack = 0; attack < 10_000; attack++) {
        const [turn = 0, share = 0] = turns.subarray(2 * attack, 2 * attack + 2);
        let [dx, dy] = [
          within * Math.sqrt(share) * Math.cos(2 * Math.PI * turn),
          within * Math.sqrt(share) * Math.sin(2 * Math.PI * turn),
        ];
        for (let step = 0; step < 6; step++) {
          [dx, dy] = [dx - (within / 2) * away[0], dy - (within / 2) * away[1]];
          const shrink = Math.min(1, within / Math.hypot(dx, dy));
          [dx, dy] = [dx * shrink, dy * shrink];
        }
        if (normalCdf(distance(pixels[0] + dx, pixels[1] + dy) / sigma) <= 0.5) found += 1;
      }
      return found;
    };
    expect(flipped(radius)).toBe(0);
    expect(flipped(1.05 * distance(...pixels))).toBe(10_000);
  });

  it('falls to no attack through its own draws inside its certified radius either, and to one beyond its border', () => {
    const sigma = 0.5;
    const { distance, model, pixels } = of(sigma);
    const radius = certified(sigma);
    const diffusion = model.denoiser ? { diffusion: { schedule, mode: 'one-shot' as const } } : {};
    withDrawer(model, { sigma, ...diffusion }, (drawer) => {
      const answer = (within: number): number | undefined => {
        const image = { index: 3, pixels: Float32Array.from(pixels) };
        const attack = { label: 1, inside: new Float32Array(1), radius: within };
        const labels = complete(drawer.labels(attacked(drawer, image, attack), { first: 0, count: 20_000 }));
        const ones = labels.reduce((sum, label) => sum + label, 0);
        return predict([labels.length - ones, ones], 1e-6).label;
      };
      expect(answer(0.99 * radius)).toBe(1);
      expect(answer(1.2 * distance(...pixels))).toBe(0);
    });
  });
});

const classesOf = (drawer: Drawer, image: DrawnImage): number[] => {
  const labels = complete(drawer.labels(image, { first: 0, count: 512 }));
  return [0, 1, 2].map((k) => labels.filter((label) => label === k).length);
};

describe('a vision transformer under attacks that know its noise', () => {
  const SIGMA = 0.3;
  const ALPHA = 0.05;
  const images = Array.from({ length: 40 }, (_, index): DrawnImage => ({
    index,
    pixels: uniform({ seed: 4, purpose: 94, index }, 64),
  }));

  it('keeps its class inside certified radii but for what alpha allows, and loses it further out', () => {
    vitDrawer(SIGMA, (drawer) => {
      const outcomes = images.flatMap((image) => {
        const { certificate } = complete(
          certifyImage(drawer, image, {
            ...plan,
            sigma: SIGMA,
            alpha: ALPHA,
            draws: 512,
            batch: 64,
            classes: 3,
          }),
        );
        if (certificate.outcome !== 'certified') return [];
        const { label, radius } = certificate;
        const holds = (within: number): boolean => {
          const counts = classesOf(drawer, attacked(drawer, image, { label, radius: within }));
          // At a million to one, another class is not the more frequent one.
          return [label, undefined].includes(predict(counts, 1e-6).label);
        };
        return [{ inside: holds(0.99 * radius), outside: holds(4 * radius) }];
      });
      expect(outcomes.length).toBeGreaterThan(20);
      // Of 40 certificates that are wrong with probability 0.05 each, more than 8 would be one in seven thousand.
      expect(outcomes.filter(({ inside }) => !inside).length).toBeLessThanOrEqual(8);
      // The attack is one: it succeeds where nothing is certified.
      expect(outcomes.filter(({ outside }) => !outside).length).toBeGreaterThan(outcomes.length / 3);
    });
  });

  it('keeps the tokens that its attention is certified to keep', () => {
    const claim = { k: 4, beta: 0.5, alpha: 0.01, draws: 512 };
    vitDrawer(SIGMA, (drawer) => {
      const whole = { ...plan, sigma: SIGMA, draws: 64, batch: 64, classes: 3, attention: claim };
      const results = images.slice(0, 4).map((image) => {
        const { attention } = complete(certifyImage(drawer, image, whole));
        if (!attention) throw new Error('no attention');
        const inside = Float32Array.from({ length: 16 }, (_, i) => (attention.top.includes(i) ? 1 : 0));
        const overlapAt = (radius: number): number => {
          const moved = attacked(drawer, image, { aim: 'attention', inside, radius });
          const { votes } = complete(smoothedAttention(drawer, moved, { first: 0, count: 512, k: 4 }));
          return topKOverlap([inside, votes], 4);
        };
        return {
          certified: attention.radius > 0,
          inside: overlapAt(0.99 * attention.radius),
          far: overlapAt(3),
        };
      });
      expect(leavingCount(4, 0.5)).toBe(3);
      expect(results.some(({ certified }) => certified)).toBe(true);
      for (const { certified, inside } of results) if (certified) expect(inside).toBeGreaterThanOrEqual(0.5);
      expect(Math.min(...results.map(({ far }) => far))).toBeLessThan(0.5);
    });
  });

  it('is attacked within the ball and, if asked, within the range of pixels, the same way each time', () => {
    vitDrawer(SIGMA, (drawer) => {
      const [image] = images as [DrawnImage];
      for (const [norm, radius] of [
        ['l2', 0.7],
        ['linf', 0.05],
      ] as const) {
        const attack = attackOf({ norm, radius, stepSize: radius / 2, steps: 3, clip: true });
        const pixels = complete(attackSmoothed(drawer, image, attack));
        const offset = pixels.map((value, i) => value - (image.pixels[i] ?? 0));
        const size = norm === 'l2' ? Math.hypot(...offset) : Math.max(...offset.map(Math.abs));
        expect(size).toBeLessThanOrEqual(radius * (1 + 1e-5));
        expect(size).toBeGreaterThan(radius / 2);
        expect([...pixels].every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(complete(attackSmoothed(drawer, image, attack))).toEqual(pixels);
      }
    });
  });

  it('is attacked along the gradients of its own answers', () => {
    // Without noise, where differences can be taken.
    vitDrawer(0, (drawer) => {
      const [image] = images as [DrawnImage];
      const inside = Float32Array.from({ length: 16 }, (_, i) => (i < 4 ? 1 : 0));
      const wanted = (aim: 'class' | 'attention', pixels: Float32Array): number => {
        const { attention, logits } = complete(drawer.sights({ index: 0, pixels }, { first: 0, count: 1 }));
        if (aim === 'attention')
          return -(attention[0] ?? []).slice(0, 4).reduce((sum, value) => sum + value, 0);
        const total = (logits[0] ?? []).reduce((sum, value) => sum + Math.exp(value), 0);
        return Math.log(total) - (logits[0]?.[1] ?? NaN);
      };
      for (const aim of ['class', 'attention'] as const) {
        const gradient = drawer.push(image.pixels, { aim, label: 1, inside, image: 0, step: 0 });
        const size = Math.hypot(...gradient);
        const moved = (by: number): Float32Array =>
          image.pixels.map((value, i) => value + (by * (gradient[i] ?? 0)) / size);
        const slope = (wanted(aim, moved(0.01)) - wanted(aim, moved(-0.01))) / 0.02;
        expect(slope / size, aim).toBeCloseTo(1, 1);
      }
    });
  });
});
