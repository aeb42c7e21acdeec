import type { DatasetName } from '@vitrine/contracts';

/** Labelled images in memory: `pixels` holds count × channels × size × size bytes, channels first, as in CIFAR's own records. */
export interface ImageSet {
  readonly name: DatasetName;
  readonly split: 'train' | 'test';
  readonly count: number;
  readonly channels: number;
  readonly size: number;
  /** Shared, so that a prefetching thread reads it without a copy. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  readonly labels: Uint8Array<SharedArrayBuffer> | Uint16Array<SharedArrayBuffer>;
  readonly classNames: readonly string[];
  /** Digest over labels and pixels in order; recorded in every result. */
  readonly sha256: string;
  /** Where the right answers lie, of sets in which that is known. */
  readonly regions?: Regions;
  /** What each is called, of pictures that nobody has labelled. */
  readonly names?: readonly string[];
}

export interface Regions {
  /** count × size × size bytes, 1 inside. */
  readonly masks: Uint8Array<SharedArrayBuffer>;
  /** Whether what is outside says as much: which cells are red is told by which are not. */
  readonly eitherSide: boolean;
}

export interface Datasets {
  /**
   * @throws VitrineError DatasetMissing when it is not on this machine, DatasetCorrupt naming file and offset
   */
  load(name: DatasetName, split: 'train' | 'test', limit?: number): Promise<ImageSet>;
}
