/** T12, T13, T20 and T25 of the method's tests: the whole way on models whose smoothed answer is known. */
import * as tf from '@tensorflow/tfjs-core';
import { noiseSchedule, type NoisePredictor } from '@vitrine/ml-diffusion';
import { classAttention, initVit, logits, type VitConfig } from '@vitrine/ml-nn';
import {
  addPrefix,
  eagerExecutor,
  normal,
  specsOf,
  uniform,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { certifyImage, complete, smoothedAttention, type CertifyPlan } from './certify-image.js';
import { certify, predict } from './certify.js';
import { checkPixels, Drawer, PixelScaleError, type DrawSettings } from './draws.js';
import { normalCdf } from './normal-distribution.js';
import {
  SMOOTHING_STATE,
  smoothingProgram,
  type SmoothedModel,
  type SmoothingFunction,
} from './smoothing-program.js';

const schedule = noiseSchedule({ schedule: 'linear', steps: 1000, rescaleTime: false });
const BATCH = 250;

/**
 * Images of two pixels. Data are ±μ in [−1, 1] with μ = (0.6, 0.8), equally likely; the class is the side of the line between
 * them, and the best denoiser is μ tanh(μ·y / s²) of what is seen beside noise s.
 */
const MU = [0.6, 0.8] as const;
const sided = (pixels: tf.Tensor4D): tf.Tensor2D => {
  const along = tf.sum(
    tf.mul(tf.sub(tf.mul(tf.reshape(pixels, [-1, 2]), 2), 1), tf.tensor2d([...MU], [1, 2])),
    1,
    true,
  );
  return tf.concat([tf.neg(along), along], 1) as tf.Tensor2D;
};
const exact =
  (sigma: number): NoisePredictor =>
  (noisy) => {
    const kept = 1 / (1 + 4 * sigma ** 2);
    const seen = tf.div(tf.reshape(noisy, [-1, 2]), Math.sqrt(kept));
    const mu = tf.tensor2d([...MU], [1, 2]);
    const along = tf.sum(tf.mul(seen, mu), 1, true);
    const clean = tf.mul(tf.tanh(tf.div(along, 4 * sigma ** 2)), mu);
    return tf.reshape(
      tf.div(tf.sub(tf.reshape(noisy, [-1, 2]), tf.mul(clean, Math.sqrt(kept))), Math.sqrt(1 - kept)),
      noisy.shape,
    );
  };
const look: SmoothedModel['look'] = () => {
  throw new Error('not asked for');
};

function withDrawer<T>(model: SmoothedModel, settings: Partial<DrawSettings>, use: (drawer: Drawer) => T): T {
  const program = eagerExecutor.start(
    smoothingProgram({ model: { ...model }, weights: {}, noisyShape: [settings.batch ?? BATCH, 1, 1, 2] }),
  );
  try {
    return use(new Drawer(program, { sigma: 0.25, seed: 7, batch: BATCH, ...settings }));
  } finally {
    program.dispose();
  }
}

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

describe('two points and the line between them', () => {
  it.each([0.25, 0.5, 1])('has the margin as its radius with the exact denoiser, at σ %f', (sigma) => {
    const model: SmoothedModel = {
      classify: (_, pixels) => sided(pixels),
      look,
      denoiser: () => exact(sigma),
    };
    const denoised = withDrawer(model, { sigma, diffusion: { schedule, mode: 'one-shot' } }, (drawer) =>
      complete(certifyImage(drawer, image, { ...plan, sigma })),
    );
    const plain = withDrawer({ classify: (_, pixels) => sided(pixels), look }, { sigma }, (drawer) =>
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

  it('stays with its class everywhere inside the certified radius, of 10,000 tries', () => {
    const { certificate } = withDrawer({ classify: (_, pixels) => sided(pixels), look }, {}, (drawer) =>
      complete(certifyImage(drawer, image, plan)),
    );
    const radius = certificate.outcome === 'certified' ? certificate.radius : 0;
    const tries = uniform({ seed: 8, purpose: 94 }, 10_000);
    const flipped = tries.filter((turn, i) => {
      const length = radius * (i % 2 === 0 ? 1 : Math.sqrt(turn));
      const [x, y] = [
        0.8 + length * Math.cos(2 * Math.PI * turn),
        0.9 + length * Math.sin(2 * Math.PI * turn),
      ];
      // The smoothed classifier, exactly: the probability of class 1 is Φ(distance / σ).
      return normalCdf((MU[0] * (2 * x - 1) + MU[1] * (2 * y - 1)) / 2 / plan.sigma) <= 0.5;
    });
    expect(radius).toBeGreaterThan(0);
    expect(flipped.length).toBe(0);
    expect(0.5 - radius).toBeGreaterThanOrEqual(0);
  });

  it('depends on no size of batch', () => {
    const of = (batch: number) =>
      withDrawer({ classify: (_, pixels) => sided(pixels), look }, { batch }, (drawer) => [
        ...complete(drawer.labels(image, { first: 10, count: 100 })),
      ]);
    expect(of(7)).toEqual(of(100));
  });

  it('abstains at the line, and sooner by a risk', () => {
    const onLine = { index: 4, pixels: Float32Array.of(0.5, 0.5) };
    const drawn = (abstention: CertifyPlan['abstention']): number =>
      withDrawer({ classify: (_, pixels) => sided(pixels), look }, {}, (drawer) => {
        const result = complete(certifyImage(drawer, onLine, { ...plan, abstention }));
        expect(result.certificate.outcome).toBe('abstained');
        return result.drawn;
      });
    expect(drawn('never')).toBe(4050);
    expect(drawn('certain')).toBeLessThanOrEqual(4050);
    const wrong = { index: 5, pixels: Float32Array.of(0.5, 0.5) };
    const few = withDrawer({ classify: (_, pixels) => sided(pixels), look }, {}, (drawer) =>
      complete(certifyImage(drawer, wrong, { ...plan, abstention: { risk: 0.3 } })),
    );
    expect(few.drawn).toBeLessThanOrEqual(drawn('certain'));
  });

  it('gives the same by early abstention as without, where it certifies', () => {
    const of = (abstention: CertifyPlan['abstention']) =>
      withDrawer({ classify: (_, pixels) => sided(pixels), look }, {}, (drawer) =>
        complete(certifyImage(drawer, image, { ...plan, abstention })),
      );
    expect(of('never')).toEqual(of('certain'));
  });

  it('walks back step by step to the same side', () => {
    const model: SmoothedModel = {
      classify: (_, pixels) => sided(pixels),
      look,
      denoiser: () => exact(0.05),
    };
    const settings = { sigma: 0.05, batch: 20, diffusion: { schedule, mode: 'multi-step' as const } };
    const labels = withDrawer(model, settings, (drawer) =>
      complete(drawer.labels(image, { first: 0, count: 30 })),
    );
    expect([...labels]).toEqual(new Array(30).fill(1));
  });
});

const config: VitConfig = {
  imageSize: 8,
  patchSize: 2,
  channels: 1,
  width: 8,
  depth: 1,
  heads: 2,
  mlpRatio: 2,
  classes: 3,
  mean: [0.5],
  std: [0.5],
};

function vitDrawer<T>(
  sigma: number,
  use: (drawer: Drawer, program: RunningProgram<SmoothingFunction>) => T,
): T {
  const weights = addPrefix(
    SMOOTHING_STATE.classifier,
    Object.fromEntries(
      Object.entries(initVit(config, 3)).map(([name, host]) => [
        name,
        {
          ...host,
          data: host.data.map((value) => value * (/weight$/.test(name) && !/norm/.test(name) ? 20 : 1)),
        },
      ]),
    ) as StateDict,
  );
  const program = eagerExecutor.start(
    smoothingProgram({
      model: {
        classify: (params, pixels) => logits({ config, params }, pixels),
        look: (params, pixels) => {
          const { logits_BK, attention_BN } = classAttention({ config, params }, pixels);
          return { logits_DK: logits_BK, attention_DN: attention_BN };
        },
      },
      weights: specsOf(weights),
      noisyShape: [64, 1, 8, 8],
    }),
  );
  program.writeState(weights);
  try {
    return use(new Drawer(program, { sigma, seed: 1, batch: 64 }), program);
  } finally {
    program.dispose();
  }
}

describe('a vision transformer', () => {
  const seen = { index: 0, pixels: uniform({ seed: 4, purpose: 94 }, 64) };
  const claim = { k: 4, beta: 0.5, alpha: 0.01, draws: 128 };

  it('without noise is the one it was', () => {
    vitDrawer(0, (drawer) => {
      const one = complete(smoothedAttention(drawer, seen, { first: 0, count: 1, k: 4 }));
      const many = complete(smoothedAttention(drawer, seen, { first: 5, count: 70, k: 4 }));
      many.mean.forEach((value, i) => expect(value).toBeCloseTo(one.mean[i] ?? NaN, 6));
      expect(many.counts.filter((count) => count > 0)).toEqual([70]);
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

  it('keeps its class under noise wherever it is moved inside the certified radius', () => {
    const sigma = 0.3;
    vitDrawer(sigma, (drawer) => {
      const { certificate } = complete(
        certifyImage(drawer, seen, { ...plan, sigma, draws: 1024, batch: 64, classes: 3 }),
      );
      if (certificate.outcome !== 'certified') throw new Error('abstained: the test says nothing');
      for (let index = 1; index <= 20; index++) {
        const direction = normal({ seed: 9, purpose: 94, index }, 64);
        const length = Math.hypot(...direction);
        const pixels = seen.pixels.map(
          (value, i) => value + (0.99 * certificate.radius * (direction[i] ?? 0)) / length,
        );
        const labels = complete(drawer.labels({ index, pixels }, { first: 0, count: 256 }));
        const counts = [0, 1, 2].map((k) => labels.filter((label) => label === k).length);
        // At a million to one, another class is not the more frequent one.
        expect([certificate.label, undefined]).toContain(predict(counts, 1e-6).label);
      }
    });
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
      withDrawer({ classify: (_, pixels) => sided(pixels), look }, {}, (drawer) => {
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
