/**
 * How stable the top of an attention map is, and how faithful the map: Hu et al., "Improving Interpretation Faithfulness for Vision
 * Transformers", ICML 2024. The map is the attention of the class token in the last block, mean over heads; the smoothed one is
 * its mean over draws.
 *
 * Differs from the paper's protocol, whose attack is on the classifier without smoothing alone: here it is one of two, beside an
 * attack on the attention itself that knows noise and denoiser.
 */
import { topKProblem, VitrineError, type judgedImageSchema, type StageParams } from '@vitrine/contracts';
import type { ImageSet, Regions } from '@vitrine/datasets';
import { pgdSteps, type AttackFunction } from '@vitrine/ml-attacks';
import { imageSlice } from '@vitrine/ml-data';
import { patchCount } from '@vitrine/ml-nn';
import {
  attackSmoothed,
  checkPixels,
  enlarged,
  PERTURBED_SHARES,
  perturbedImages,
  segmentationCounts,
  type SegmentationCounts,
  smoothedAttention,
  stableTopK,
  topKOverlap,
  type Drawer,
  type DrawnImage,
} from '@vitrine/ml-smoothing';
import { PURPOSE, uniform, type ProgramExecutor, type RunningProgram } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import { judgedVit, startAttack } from '../evaluation/judged-model.js';
import { startSmoothing, type StartedSmoothing } from '../certification/smoothed-program.js';
import type { DenoiserArtifact } from '../denoiser-artifact.js';
import type { ModelArtifact } from '../model-artifact.js';

export type JudgedImage = z.infer<typeof judgedImageSchema>;

export interface JudgePlan {
  readonly executor: ProgramExecutor;
  readonly model: ModelArtifact;
  readonly denoiser: DenoiserArtifact | undefined;
  readonly params: StageParams<'judge-attention'>;
  readonly seed: number;
}

type Side = 'plain' | 'smoothed';
type Pair<T> = Readonly<Record<Side, T>>;

export interface Judgement {
  readonly image: JudgedImage;
  readonly maps: Pair<Float32Array>;
}

type Work<T> = Generator<void, T, void>;

/** Judges images one by one; what comes out for an image depends on the image, its number and the seed alone. */
export class AttentionJudge {
  private readonly sides: Pair<StartedSmoothing & { readonly draws: number }>;
  /** The classifier, on one image and on as many as a perturbation test has. */
  private readonly single: RunningProgram<AttackFunction>;
  private readonly row: RunningProgram<AttackFunction>;

  /** @throws NoiseRangeError when the denoiser's diffusion does not hold sigma, VitrineError InvalidSpec */
  constructor(private readonly plan: JudgePlan) {
    const { executor, model, denoiser, params, seed } = plan;
    const problem = topKProblem(params.k, patchCount(model.spec));
    if (problem)
      throw new VitrineError('InvalidSpec', 'The model has too few tokens.', {
        where: 'params.k',
        actual: problem,
      });
    const { sigma, batchSize: batch, denoising, draws } = params;
    const smoothed = startSmoothing({
      executor,
      model,
      denoiser,
      sigma,
      seed,
      batch,
      denoising,
      attacked: true,
    });
    const bare = {
      executor,
      model,
      denoiser: undefined,
      sigma: 0,
      seed,
      batch: 1,
      denoising,
      attacked: true,
    };
    this.sides = {
      plain: { ...startSmoothing(bare), draws: 1 },
      smoothed: { ...smoothed, draws },
    };
    this.single = this.classifierOf(1);
    this.row = this.classifierOf(PERTURBED_SHARES.length);
  }

  /** Yields after every step of an attack and every batch of draws. */
  *judge(images: ImageSet, index: number): Work<Judgement> {
    const { pixels } = imageSlice(images, index, 1);
    checkPixels(pixels);
    const image = { index, pixels };
    const label = images.labels[index] ?? 0;
    const maps = yield* this.mapsOf(image);
    const attacked = yield* this.transferred(image, label);
    const adaptive = yield* this.adaptive(image, label, maps);
    const noise = yield* this.perturbed(image, maps);
    const mapsAttacked = yield* this.mapsOf(attacked);
    const overlap = (after: Pair<Float32Array>): Pair<number> =>
      this.each((side) => this.overlap(maps, after, side));
    return {
      maps,
      image: {
        idx: index,
        label,
        overlap: { perturbed: noise.overlap, transferred: overlap(mapsAttacked), adaptive },
        sensitivity: noise.sensitivity,
        perturbation: {
          clean: this.tests(image, label, maps),
          attacked: this.tests(image, label, mapsAttacked),
        },
        ...(images.regions && {
          segmentation: this.each((side) =>
            segmentationOf(enlarged(maps[side], images.size), images.regions as Regions, index),
          ),
        }),
      },
    };
  }

  dispose(): void {
    this.sides.plain.program.dispose();
    this.sides.smoothed.program.dispose();
    this.single.dispose();
    this.row.dispose();
  }

  private classifierOf(images: number): RunningProgram<AttackFunction> {
    const { executor, model } = this.plan;
    const program = startAttack(executor, judgedVit(model.spec), images);
    program.writeState(model.weights);
    return program;
  }

  private each<T>(of: (side: Side) => T): { plain: T; smoothed: T } {
    return { plain: of('plain'), smoothed: of('smoothed') };
  }

  /** The draws are the same for every image with this number, attacked or not. */
  private *mapsOf(image: DrawnImage): Work<Pair<Float32Array>> {
    return { plain: yield* this.mapOf('plain', image), smoothed: yield* this.mapOf('smoothed', image) };
  }

  private *mapOf(side: Side, image: DrawnImage): Work<Float32Array> {
    const { drawer, draws } = this.sides[side];
    const { mean } = yield* smoothedAttention(drawer, image, { first: 0, count: draws, k: this.k });
    return mean;
  }

  private get k(): number {
    return this.plan.params.k;
  }

  private overlap(before: Pair<Float32Array>, after: Pair<Float32Array>, side: Side): number {
    return topKOverlap([before[side], after[side]], this.k);
  }

  private *transferred({ index, pixels }: DrawnImage, label: number): Work<DrawnImage> {
    const { params, seed } = this.plan;
    const { epsilon, steps } = params;
    const attack = { epsilon, stepSize: epsilon / 5, steps, restarts: 1, seed, index };
    const batch = { pixels, labels: Int32Array.of(label) };
    return { index, pixels: yield* pgdSteps(this.single, batch, attack) };
  }

  /** What stays of each map under the attack that is made for it. */
  private *adaptive(
    image: DrawnImage,
    label: number,
    maps: Pair<Float32Array>,
  ): Work<{ plain: number; smoothed: number }> {
    const stays = function* (this: AttentionJudge, side: Side): Work<number> {
      const moved = yield* this.attackOn(this.sides[side].drawer, image, { label, map: maps[side] });
      return topKOverlap([maps[side], yield* this.mapOf(side, moved)], this.k);
    }.bind(this);
    return { plain: yield* stays('plain'), smoothed: yield* stays('smoothed') };
  }

  private *attackOn(
    drawer: Drawer,
    image: DrawnImage,
    { label, map }: { readonly label: number; readonly map: Float32Array },
  ): Work<DrawnImage> {
    const { params, seed } = this.plan;
    const { epsilon: radius, steps } = params;
    const inside = new Float32Array(map.length);
    for (const token of stableTopK(map, this.k)) inside[token] = 1;
    const wish = { aim: 'attention', label, inside } as const;
    const limits = { norm: 'linf', radius, stepSize: radius / 5, steps, seed, clip: true } as const;
    return { index: image.index, pixels: yield* attackSmoothed(drawer, image, { ...wish, ...limits }) };
  }

  private *perturbed(
    image: DrawnImage,
    maps: Pair<Float32Array>,
  ): Work<{
    overlap: { plain: number; smoothed: number };
    sensitivity: { plain: number; smoothed: number };
  }> {
    const { params, seed } = this.plan;
    const { epsilon, perturbations } = params;
    const overlap = { plain: 0, smoothed: 0 };
    const sensitivity = { plain: 0, smoothed: 0 };
    for (let step = 0; step < perturbations; step++) {
      const key = { seed, purpose: PURPOSE.attentionPerturbation, step, index: image.index };
      const moves = uniform(key, image.pixels.length);
      const pixels = image.pixels.map((value, i) =>
        Math.min(1, Math.max(0, value + epsilon * (2 * (moves[i] ?? 0.5) - 1))),
      );
      const after = yield* this.mapsOf({ index: image.index, pixels });
      for (const side of ['plain', 'smoothed'] as const) {
        overlap[side] += this.overlap(maps, after, side) / perturbations;
        sensitivity[side] = Math.max(sensitivity[side], relativeChange(maps[side], after[side]));
      }
    }
    return { overlap, sensitivity };
  }

  /** Which answers of the classifier are right while pixels of the image turn black, in the order of each map. */
  private tests(
    { pixels }: DrawnImage,
    label: number,
    maps: Pair<Float32Array>,
  ): JudgedImage['perturbation']['clean'] {
    const { imageSize } = this.plan.model.spec;
    const outcomes = (map: Float32Array, order: 'positive' | 'negative'): string => {
      const images = perturbedImages(pixels, map, order);
      const joined = new Float32Array(images.length * pixels.length);
      images.forEach((image, i) => joined.set(image, i * pixels.length));
      const logits = (this.row.run('predict', { pixels: joined })['logits']?.data ?? []) as Float32Array;
      const K = logits.length / images.length;
      return images
        .map((_, i) => logits.subarray(i * K, (i + 1) * K))
        .map((row) => (row.indexOf(Math.max(...row)) === label ? '1' : '0'))
        .join('');
    };
    return this.each((side) => {
      const map = enlarged(maps[side], imageSize);
      return { positive: outcomes(map, 'positive'), negative: outcomes(map, 'negative') };
    });
  }
}

/** A map of pixels against the region of an image; where the outside says as much, against the side that it fits better. */
function segmentationOf(
  map: Float32Array,
  { masks, eitherSide }: Regions,
  index: number,
): SegmentationCounts {
  const mask = masks.subarray(index * map.length, (index + 1) * map.length);
  const inside = segmentationCounts(map, mask);
  if (!eitherSide) return inside;
  const outside = segmentationCounts(
    map,
    mask.map((value) => 1 - value),
  );
  return inside.averagePrecision >= outside.averagePrecision ? inside : outside;
}

/** ‖after − before‖ / ‖before‖. */
function relativeChange(before: Float32Array, after: Float32Array): number {
  const difference = before.map((value, i) => (after[i] ?? NaN) - value);
  return Math.hypot(...difference) / Math.hypot(...before);
}
