import type { ImageSet } from '@vitrine/datasets';
import { imageBatch, imageSlice } from '@vitrine/ml-data';
import { rankCorrelation, type Explainer } from '@vitrine/ml-explain';
import { initVit, patchCount } from '@vitrine/ml-nn';
import { padTo, sizeOfShape, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import type { StageContext } from '../stage-context.js';
import { ExplainerSet, type ExplainerPlan } from './explainers.js';
import { MASK_FIGURES, maskFigures } from './mask-figures.js';
import { curveRow, curveWidth, type CurveShape } from './score-maps.js';
import { stepwise } from '../stepwise.js';

export interface WorkPlan extends ExplainerPlan {
  readonly context: StageContext<'explain'>;
  readonly images: ImageSet;
}

/** One piece of the work, of which a checkpoint holds the first so many. */
export interface WorkStep {
  readonly phase: string;
  readonly run: (breathe: () => Promise<void>) => Promise<void>;
}

const floats = (shape: readonly number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(sizeOfShape(shape)),
});

/**
 * Everything that is found out about the images, as arrays that steps fill in a fixed order: a step writes what it finds at
 * places of its own and is a function of what earlier steps wrote, so work that stopped goes on to the same bytes.
 */
export class ExplanationWork {
  readonly arrays: StateDict;
  readonly set: ExplainerSet;
  readonly curveShape: CurveShape;
  readonly N: number;
  readonly curveImages: number;
  private readonly sanityImages: number;
  /** The same methods for random weights; started when first asked for. */
  private randomised: ExplainerSet | undefined;

  constructor(
    private readonly plan: WorkPlan,
    found: StateDict | undefined,
  ) {
    const { params } = plan.context;
    const { count } = plan.images;
    this.set = new ExplainerSet(plan);
    this.N = patchCount(plan.model.spec);
    this.curveShape = { patches: this.N, shares: params.curveShares };
    this.curveImages = Math.min(params.curveImages, count);
    this.sanityImages = Math.min(params.sanityImages, count);
    this.arrays = found ?? this.blank();
  }

  steps(): WorkStep[] {
    const { set, sanityImages } = this;
    const each = (make: (explainer: Explainer) => WorkStep[]): WorkStep[] => set.explainers.flatMap(make);
    return [
      ...this.batches(this.plan.images.count, 'predict', (first, count) => this.predict(first, count)),
      ...each((explainer) => [
        ...this.batches(this.plan.images.count, explainer.name, (first, count, breathe) =>
          this.explain(explainer, { first, count, breathe }),
        ),
        ...Array.from({ length: this.curveImages }, (_, image) => ({
          phase: `score ${explainer.name}`,
          run: () => this.score(explainer, image),
        })),
      ]),
      ...[...set.voters.keys()].flatMap((label) =>
        this.batches(this.plan.images.count, `judge ${label}`, (first, count) =>
          this.judgeMasks(label, first, count),
        ),
      ),
      ...each((explainer) =>
        this.batches(sanityImages, `randomised ${explainer.name}`, (first, count, breathe) =>
          this.randomise(explainer.name, { first, count, breathe }),
        ),
      ),
    ];
  }

  dispose(): void {
    this.set.dispose();
    this.randomised?.dispose();
  }

  private blank(): StateDict {
    const { curveImages, sanityImages, N } = this;
    const { count } = this.plan.images;
    const width = curveWidth(this.curveShape);
    const arrays: Record<string, HostTensor> = {
      targets: { dtype: 'int32', shape: [count], data: new Int32Array(count) },
      confidence: floats([count]),
    };
    for (const { name } of this.set.explainers) {
      arrays[`maps.${name}`] = floats([count, N]);
      if (curveImages > 0) arrays[`curves.${name}`] = floats([curveImages, width]);
      if (sanityImages > 0) arrays[`randomised.${name}`] = floats([sanityImages]);
    }
    for (const label of this.set.voters.keys()) arrays[`masks.${label}`] = floats([count, MASK_FIGURES]);
    return arrays;
  }

  private batches(
    images: number,
    phase: string,
    run: (first: number, count: number, breathe: () => Promise<void>) => Promise<void>,
  ): WorkStep[] {
    const { batchSize } = this.plan.context.params;
    return Array.from({ length: Math.ceil(images / batchSize) }, (_, batch) => {
      const first = batch * batchSize;
      const count = Math.min(batchSize, images - first);
      return { phase, run: (breathe: () => Promise<void>) => run(first, count, breathe) };
    });
  }

  private floats(name: string): Float32Array {
    return this.arrays[name]?.data as Float32Array;
  }

  private predict(first: number, count: number): Promise<void> {
    const rows = this.set.judge.probabilities(imageSlice(this.plan.images, first, count).pixels);
    const K = rows.length / count;
    for (let image = 0; image < count; image++) {
      const row = rows.subarray(image * K, (image + 1) * K);
      const most = Math.max(...row);
      (this.arrays['targets']?.data as Int32Array)[first + image] = row.indexOf(most);
      this.floats('confidence')[first + image] = most;
    }
    return Promise.resolve();
  }

  /** Maps of a batch for the classes that the model itself predicts, [count, N]. */
  private async mapsOf(explainer: Explainer, { first, count, breathe }: Piece): Promise<Float32Array> {
    const { images, context } = this.plan;
    const { batchSize } = context.params;
    const { pixels } = imageBatch(images, first, { count, size: batchSize });
    const targets = (this.arrays['targets']?.data as Int32Array).slice(first, first + count);
    const work = explainer.explain({
      pixels,
      targets: padTo(targets, batchSize),
      ...{ first, count },
    });
    return (await stepwise(work, breathe)).subarray(0, count * this.N);
  }

  private async explain(explainer: Explainer, piece: Piece): Promise<void> {
    const maps = await this.mapsOf(explainer, piece);
    this.floats(`maps.${explainer.name}`).set(maps, piece.first * this.N);
  }

  private mapOf(name: string, image: number): Float32Array {
    return this.floats(`maps.${name}`).subarray(image * this.N, (image + 1) * this.N);
  }

  private score({ name }: Explainer, image: number): Promise<void> {
    const { images, model, context } = this.plan;
    const { pixels } = imageSlice(images, image, 1);
    const shown = { pixels, map: this.mapOf(name, image), image };
    const how = { config: model.spec, shares: context.params.curveShares };
    const row = curveRow(this.set.judge, shown, how);
    this.floats(`curves.${name}`).set(row, image * row.length);
    return Promise.resolve();
  }

  private judgeMasks(label: string, first: number, count: number): Promise<void> {
    const voter = this.set.voters.get(label);
    const { batchSize } = this.plan.context.params;
    if (voter)
      this.floats(`masks.${label}`).set(
        maskFigures(voter, this.plan.images, { first, count, batchSize }),
        first * MASK_FIGURES,
      );
    return Promise.resolve();
  }

  /** How much of a map is still there when the model has learned nothing. */
  private async randomise(name: string, piece: Piece): Promise<void> {
    const { model, context } = this.plan;
    this.randomised ??= new ExplainerSet({
      ...this.plan,
      model: { spec: model.spec, weights: initVit(model.spec, context.seed) },
    });
    const explainer = this.randomised.explainers.find((other) => other.name === name);
    if (!explainer) return;
    const maps = await this.mapsOf(explainer, piece);
    for (let image = 0; image < piece.count; image++)
      this.floats(`randomised.${name}`)[piece.first + image] = rankCorrelation(
        this.mapOf(name, piece.first + image),
        maps.subarray(image * this.N, (image + 1) * this.N),
      );
  }
}

interface Piece {
  readonly first: number;
  readonly count: number;
  readonly breathe: () => Promise<void>;
}
