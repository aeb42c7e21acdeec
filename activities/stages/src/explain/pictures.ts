/** What one example looks like by one method: grids of values and colours, which others encode. Axes as in the artifact. */
import type { ExplanationsArtifact } from './explanations-artifact.js';

/** Values in [0, 1], channels first: 1 or 3 × height × width. */
export interface Drawing {
  readonly values: Float32Array;
  readonly width: number;
}

/** One example of an artifact. */
export interface Example {
  readonly explanations: ExplanationsArtifact;
  readonly image: number;
}

/** `length` numbers of an array, the `index`-th run of them. */
const rowOf = (
  { arrays }: ExplanationsArtifact,
  name: string,
  { index, length }: { readonly index: number; readonly length: number },
): Float32Array => Float32Array.from((arrays[name]?.data ?? []).slice(index * length, (index + 1) * length));

const side = ({ explanations }: Example): number =>
  explanations.meta.model.imageSize / explanations.meta.model.patchSize;

export const exampleCount = ({ arrays }: ExplanationsArtifact): number =>
  arrays['examples.labels']?.data.length ?? 0;

/** The image in three channels, whatever the model sees. */
export function imageOf({ explanations, image }: Example): Drawing {
  const { imageSize: S, channels } = explanations.meta.model;
  const all = rowOf(explanations, 'examples.pixels', { index: image, length: channels * S * S });
  const plane = S * S;
  const values = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const from = channels >= 3 ? channel : 0;
    values.set(all.subarray(from * plane, (from + 1) * plane), channel * plane);
  }
  return { values, width: S };
}

export const mapOf = (example: Example, method: string): Float32Array =>
  rowOf(example.explanations, `maps.${method}`, { index: example.image, length: side(example) ** 2 });

export const hasVotes = ({ explanations }: Example, method: string): boolean =>
  explanations.arrays[`votes.${method}`] !== undefined;

/** To [0, 1] by its own range; what is the same everywhere is grey. */
function scaled(map: Float32Array): Float32Array {
  const [low, high] = [Math.min(...map), Math.max(...map)];
  return map.map((value) => (high > low ? (value - low) / (high - low) : 0.5));
}

/** A mask of gates as it is, the map of another method by its own range: one value a patch. */
export function maskOf(example: Example, method: string): Drawing {
  const map = mapOf(example, method);
  return { values: hasVotes(example, method) ? map : scaled(map), width: side(example) };
}

/** What a method keeps: of gates where the mask is above one half, of others what lies above the map's mean. */
export function keptPatches(example: Example, method: string): boolean[] {
  const map = Array.from(mapOf(example, method));
  const cut = hasVotes(example, method) ? 0.5 : map.reduce((sum, value) => sum + value, 0) / map.length;
  return map.map((value) => value > cut);
}

/** The patch of each pixel of an image. */
function patchAt({ explanations }: Example): (pixel: number) => number {
  const { imageSize: S, patchSize: r } = explanations.meta.model;
  return (pixel) => Math.floor(Math.floor((pixel % (S * S)) / S) / r) * (S / r) + Math.floor((pixel % S) / r);
}

/** The image where it is kept, grey elsewhere. */
export function keptOf(example: Example, method: string): Drawing {
  const kept = keptPatches(example, method);
  const { values, width } = imageOf(example);
  const patch = patchAt(example);
  return { values: values.map((value, pixel) => (kept[patch(pixel)] ? value : 0.5)), width };
}

/** Black, purple, orange, yellow: dark to bright without a turn, so that it reads in grey as well. */
const HEAT = [
  [0, 0, 0.02],
  [0.34, 0.06, 0.43],
  [0.73, 0.21, 0.33],
  [0.98, 0.55, 0.04],
  [0.99, 1, 0.64],
] as const;

function heat(value: number, channel: number): number {
  const place = Math.min(1, Math.max(0, value)) * (HEAT.length - 1);
  const low = Math.min(HEAT.length - 2, Math.floor(place));
  const [from, to] = [HEAT[low]?.[channel] ?? 0, HEAT[low + 1]?.[channel] ?? 0];
  return from + (to - from) * (place - low);
}

/** The mask in colours over the image in grey. */
export function overlayOf(example: Example, method: string): Drawing {
  const { values, width } = imageOf(example);
  const mask = maskOf(example, method).values;
  const patch = patchAt(example);
  const plane = values.length / 3;
  const mixed = values.map((_, at) => {
    const [channel, pixel] = [Math.floor(at / plane), at % plane];
    const grey = [0.299, 0.587, 0.114].reduce((sum, w, c) => sum + w * (values[c * plane + pixel] ?? 0), 0);
    return 0.4 * grey + 0.6 * heat(mask[patch(pixel)] ?? 0, channel);
  });
  return { values: mixed, width };
}

/** P(z > 0) of each layer's gate from the first, and below it the product so far: two rows of grids, a patch apart. */
export function stripOf({ explanations, image }: Example, label: string): Drawing | undefined {
  const votes = explanations.arrays[`votes.${label}`];
  if (!votes) return undefined;
  const [G = 0, E = 0, N = 0] = votes.shape;
  const cells = Math.sqrt(N);
  const width = G * (cells + 1) - 1;
  const values = new Float32Array(width * (2 * cells + 1)).fill(0.5);
  const product = new Float32Array(N);
  for (let gate = 0; gate < G; gate++) {
    const own = rowOf(explanations, `votes.${label}`, { index: gate * E + image, length: N });
    own.forEach((log, patch) => {
      product[patch] = (product[patch] ?? 0) + log;
      const column = gate * (cells + 1) + (patch % cells);
      const row = Math.floor(patch / cells);
      values[row * width + column] = Math.exp(log);
      values[(row + cells + 1) * width + column] = Math.exp(product[patch] ?? 0);
    });
  }
  return { values, width };
}

/** What is known of an example: what it is called, what it shows where that is known, and what the model says. */
export function captionOf({ explanations, image }: Example): {
  readonly name: string;
  readonly predicted: string;
  readonly confidence: number;
} {
  const { arrays, meta } = explanations;
  const classOf = (array: string): string => {
    const index = arrays[array]?.data[image] ?? 0;
    return meta.classNames[index] ?? `class ${index}`;
  };
  return {
    name: meta.names?.[image] ?? classOf('examples.labels'),
    predicted: classOf('targets'),
    confidence: arrays['confidence']?.data[image] ?? 0,
  };
}
