/**
 * Certified accuracies that others have published, in per cent by L2 radius for pixels in [0, 1]; at each radius the best of
 * several noise levels. Figures of raw logs are computed from them; the others are quoted from the source named, and not recomputed;
 * `recalled` ones were written down from memory of their source and not compared with it since. Nothing is measured against these.
 */
export interface PublishedRow {
  readonly method: string;
  readonly source: string;
  readonly recalled?: true;
  /** Radius and per cent. */
  readonly certified: readonly (readonly [radius: number, percent: number])[];
}

const DENOISED = 'Salman et al., NeurIPS 2020: table of microsoft/denoised-smoothing';

const CARLINI = 'Carlini et al., ICLR 2023';

const at = (radii: readonly number[], percents: readonly number[]): PublishedRow['certified'] =>
  radii.map((radius, i) => [radius, percents[i] ?? NaN] as const);

const CIFAR_RADII = [0.25, 0.5, 0.75, 1, 1.25, 1.5];

const CIFAR10: readonly PublishedRow[] = [
  {
    method: 'ResNet-110 trained with noise',
    source:
      'Cohen et al., ICML 2019: raw logs of locuslab/smoothing, analysed here, 500 images, 100,000 draws',
    certified: at(CIFAR_RADII, [60, 42.8, 32, 23.4, 17.4, 14]),
  },
  {
    method: 'ViT-B behind a diffusion model, fine-tuned on denoised images',
    source: CARLINI,
    recalled: true,
    certified: at(CIFAR_RADII.slice(0, 4), [79.3, 65.5, 48.7, 35.5]),
  },
  {
    method: 'ViT-B behind a diffusion model, off the shelf',
    source: CARLINI,
    recalled: true,
    certified: at(CIFAR_RADII.slice(0, 4), [76.7, 63, 45.3, 32.1]),
  },
  {
    method: 'ResNet-110 behind a denoiser, white box',
    source: DENOISED,
    certified: at(CIFAR_RADII, [56, 41, 28, 19, 16, 13]),
  },
  {
    method: 'ResNet-110 behind a denoiser, black box',
    source: DENOISED,
    certified: at(CIFAR_RADII, [45, 20, 15, 13, 11, 10]),
  },
  {
    method: 'ResNet-110 without a denoiser',
    source: DENOISED,
    certified: at(CIFAR_RADII, [7, 3, 0, 0, 0, 0]),
  },
];

const IMAGENET: readonly PublishedRow[] = [
  {
    method: 'ResNet-50 trained with noise',
    source: 'Cohen et al., ICML 2019: raw logs of locuslab/smoothing, 500 images, 100,000 draws',
    certified: at([0.5, 1, 1.5, 2, 3], [49.4, 37.2, 28.6, 19.4, 12.2]),
  },
  {
    method: 'ResNet-50 behind a denoiser, white box',
    source: DENOISED,
    certified: at([0.25, ...CIFAR_RADII.slice(1)], [50, 33, 20, 14, 11, 6]),
  },
  {
    method: 'BEiT-L behind a diffusion model',
    source: `${CARLINI}: abstract`,
    certified: [[0.5, 71]],
  },
  {
    method: 'BEiT-L behind a diffusion model, further radii',
    source: CARLINI,
    recalled: true,
    certified: at([1, 1.5, 2, 3], [54.3, 38.1, 29.5, 13.1]),
  },
];

/** What there is for images of this data set, by its name. */
export function publishedFor(dataset: string): readonly PublishedRow[] {
  if (/cifar-?10(?!\d)/i.test(dataset)) return CIFAR10;
  return /imagenet/i.test(dataset) ? IMAGENET : [];
}
