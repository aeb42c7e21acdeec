import type { StageParams } from '@vitrine/contracts';

export type TableName = NonNullable<StageParams<'report'>['published']>[number]['table'];

export interface PublishedTable {
  readonly title: string;
  readonly source: string;
  readonly note: string;
  readonly columns: readonly PublishedColumn[];
  readonly rows: readonly { readonly method: string; readonly values: readonly (number | null)[] }[];
}

export interface PublishedColumn {
  readonly name: string;
  readonly lowerIsBetter?: boolean;
  /** What of an evaluation here stands beside it; what has none was not run. */
  readonly ours?: 'clean' | 'fgsm' | 'corruption';
}

const CLEAN: PublishedColumn = { name: 'Clean', ours: 'clean' };
const FGSM: PublishedColumn = { name: 'FGSM', ours: 'fgsm' };
const only = (name: string): PublishedColumn => ({ name });
const MCE: PublishedColumn = { name: 'C (mCE)', lowerIsBetter: true, ours: 'corruption' };
const SHIFTS = [only('V2'), only('R'), only('Sketch'), only('Stylized')];
const COMPARISON = [CLEAN, FGSM, only('DamageNet'), only('A'), MCE, ...SHIFTS];

const PAPER =
  'Liu, Singh, Li, Wang, “Approximate Nullspace Augmented Finetuning for Robust Vision Transformers”, CPAL 2025 (arXiv 2403.10476); figures from the authors’ project page, github.com/Liu-Hy/NS-ViT';
const REPLIES =
  'authors’ replies to the reviews of an earlier version, ICLR 2024, openreview.net, forum mzkpLkd1S8';

/** Top-1 accuracy in %, one run each without intervals, on ImageNet and its shifted sets. */
export const PUBLISHED: Readonly<Record<TableName, PublishedTable>> = {
  'nullspace-main': {
    title: 'Main comparison',
    source: `${PAPER}, table 1`,
    note: 'The plain ViT-S and ViT-B lie below timm’s figures for the weights they seem to be, as a mismatched normalisation of the input would have it; part of the gain may be its mending.',
    columns: [
      CLEAN,
      only('PatchFool'),
      only('CW'),
      FGSM,
      only('DamageNet'),
      only('A'),
      MCE,
      ...SHIFTS,
      only('Average'),
    ],
    rows: [
      {
        method: 'ViT-S',
        values: [74.19, 0.68, 4.63, 13.79, 29.82, 16.35, 71.13, 62.51, 34.67, 14.26, 12.15, 26.54],
      },
      {
        method: 'ViT-S + NS',
        values: [77.47, 19.1, 9.37, 25.95, 32.43, 20.77, 55.98, 66.5, 41.61, 25.67, 16.02, 34.45],
      },
      {
        method: 'ViT-B',
        values: [77.68, 15.92, 12.54, 25.65, 38.69, 23.88, 62.16, 66.05, 41.63, 16.31, 17.97, 34.01],
      },
      {
        method: 'ViT-B + NS',
        values: [81.42, 23.52, 14.23, 36.5, 40.44, 24.55, 47.82, 70.25, 44.85, 26.35, 19.02, 39.39],
      },
      {
        method: 'ViT-B + DAT',
        values: [81.47, 22.64, 23.59, 48.8, 43.31, 23.83, 45.95, 70.24, 48.68, 36.94, 23.99, 43.41],
      },
      {
        method: 'ViT-B + DAT + NS',
        values: [81.33, 24.14, 23.61, 48.98, 43.67, 24.22, 45.91, 70.14, 48.48, 37.25, 23.87, 43.61],
      },
    ],
  },
  'nullspace-adversarial-training': {
    title: 'Against adversarial training, ViT-S',
    source: `${PAPER}, table 2`,
    note: 'The two adversarial rows and the others may come from two recipes of augmentation; here all rows share one.',
    columns: COMPARISON,
    rows: [
      { method: 'ViT-S', values: [74.19, 13.79, 29.82, 16.35, 71.13, 62.51, 34.67, 14.26, 12.15] },
      { method: 'Madry', values: [70.53, 39.37, 49.91, 9.37, 81.74, 58.88, 39.04, 21.36, 10.76] },
      { method: 'TRADES', values: [74.02, 38.85, 36.28, 16.53, 73.11, 63.37, 40.86, 26.43, 13.22] },
      { method: 'NS', values: [77.47, 25.95, 32.43, 20.77, 55.98, 66.5, 41.61, 25.67, 16.02] },
    ],
  },
  'nullspace-tolerance': {
    title: 'Tolerance, learned noise against random noise, ViT-S',
    source: `${PAPER}, ablation; the clean figures of NS from the ${REPLIES}`,
    note: 'No row finetunes without noise under the same recipe; here one does.',
    columns: COMPARISON,
    rows: [
      { method: 'NS, ε .01', values: [77.44, 26.04, 33.65, 20.45, 56.26, 66.47, 41.4, 23.34, 15.85] },
      { method: 'random, ε .01', values: [null, 21.54, 28.81, 17.07, 55.13, 61.98, 34.97, 14.43, 12.14] },
      { method: 'NS, ε .03', values: [77.47, 25.95, 32.43, 20.77, 55.98, 66.5, 41.61, 25.67, 16.02] },
      { method: 'random, ε .03', values: [null, 23.18, 29.61, 16.91, 54.68, 62.2, 35.05, 14.77, 12.34] },
      { method: 'NS, ε .1', values: [77.06, 25.38, 33.09, 20.16, 56.41, 66.47, 40.42, 22.66, 15.78] },
      { method: 'random, ε .1', values: [null, 23.93, 30.56, 16.47, 54.52, 62.48, 34.66, 14.99, 12.35] },
    ],
  },
  'nullspace-early-stop': {
    title: 'Early stop of the search, ViT-S',
    source: REPLIES,
    note: 'Without the stop a search takes a fixed number of steps.',
    columns: COMPARISON,
    rows: [
      { method: 'with', values: [77.47, 25.95, 32.43, 20.77, 55.98, 66.5, 41.61, 25.67, 16.02] },
      { method: 'without', values: [77.01, 28.84, 30.26, 19.68, 57.68, 66.77, 44.21, 29.4, 17.31] },
    ],
  },
};
