import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { uniform, type StateDict } from '@vitrine/ml-tensor';
import { releasedOptimizer, type GateSettings } from '../gates/settings.js';

/** A model that answers in milliseconds and has every kind of layer. */
export const smallConfig: VitConfig = {
  ...{ imageSize: 12, patchSize: 4, channels: 3, width: 16, depth: 3, heads: 2, mlpRatio: 2, classes: 5 },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

/** Weights as after some training: answers differ between images, attention between tokens. */
export const smallWeights: StateDict = Object.fromEntries(
  Object.entries(initVit(smallConfig, 9)).map(([name, host]) => {
    const scale = name.endsWith('.weight') && !/norm|patch/.test(name) ? 12 : 1;
    return [name, { ...host, data: host.data.map((value) => value * scale) }];
  }),
);

/** Pixels of `images` random images. */
export const smallPixels = (images: number, step = 0): Float32Array =>
  uniform({ seed: 4, purpose: 90, step }, images * 3 * smallConfig.imageSize ** 2);

export const smallSettings: GateSettings = {
  ...{ hidden: 8, stretch: 5, placeholder: 'learned', tolerance: 0.1, prefix: 'all', multipliers: 'shared' },
  ...{ multiplierUpdate: 'ascent', passes: 'shared', penalty: 'log-probability', penaliseClass: true },
  ...{ clampLogits: false, multiplierMax: 200, optimizer: releasedOptimizer },
};
