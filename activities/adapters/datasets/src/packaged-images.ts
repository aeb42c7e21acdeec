import { createHash } from 'node:crypto';
import { VitrineError, formatIssues, type DatasetName } from '@vitrine/contracts';
import { findPackaged, imagesSchema, type PackagePlaces } from '@vitrine/packages';
import type { ImageSet } from './datasets.js';

export interface PackagedData {
  readonly places: PackagePlaces;
  readonly dataDir: string;
  /** `<package>/<data set>@sha256:<digest>`, as the API writes it. */
  readonly name: DatasetName;
}

/**
 * A split of a data set that a package brings, or its first `limit` images.
 * @throws VitrineError CodeVersionMismatch when the package is not the one that the run was planned with, DatasetCorrupt
 */
export async function loadPackaged(
  { places, dataDir, name }: PackagedData,
  split: 'train' | 'test',
  limit?: number,
): Promise<ImageSet> {
  const [uses = '', digest] = name.split('@sha256:');
  const { sha256, definition } = await findPackaged(places, 'datasets', { uses, where: `data set ${uses}` });
  if (digest !== sha256)
    throw new VitrineError('CodeVersionMismatch', 'The run was planned for another version of a package.', {
      where: `data set ${uses}`,
      expected: `package with sha256 ${digest ?? 'written at submit'}`,
      actual: sha256,
      hint: 'Install the version that the run was planned with on the workers of the pool.',
    });
  const given: unknown = await definition.load({ split, dataDir });
  const parsed = imagesSchema.safeParse(given);
  if (!parsed.success) throw corrupt(uses, split, formatIssues(parsed.error.issues, undefined));
  const { size, channels, classNames, pixels, labels, regions } = parsed.data;
  const bytes = channels * size * size;
  if (pixels.length !== labels.length * bytes)
    throw corrupt(
      uses,
      split,
      `${pixels.length} bytes of pixels for ${labels.length} labels of ${bytes} bytes each`,
    );
  const brightest = pixels.reduce((most, value) => Math.max(most, value), 0);
  if (pixels.length > 0 && brightest <= 1)
    throw corrupt(
      uses,
      split,
      `pixels from 0 to ${brightest}, as numbers from 0 to 1 without their fractions are; bytes from 0 to 255 are wanted`,
    );
  if (labels.some((label) => label >= classNames.length))
    throw corrupt(uses, split, `a label above ${classNames.length - 1}`);
  if (regions && regions.length !== labels.length * size * size)
    throw corrupt(
      uses,
      split,
      `${regions.length} bytes of regions for ${labels.length} images of ${size} × ${size} pixels`,
    );
  const count = Math.min(limit ?? labels.length, labels.length);
  const set = {
    pixels: shared(pixels.subarray(0, count * bytes)),
    labels: sharedLabels(labels.subarray(0, count)),
  };
  const masks = regions && shared(regions.subarray(0, count * size * size));
  const hash = createHash('sha256');
  for (let image = 0; image < count; image++)
    hash
      .update(set.labels.subarray(image, image + 1))
      .update(set.pixels.subarray(image * bytes, (image + 1) * bytes));
  if (masks) hash.update(masks);
  return {
    ...{ name, split, count, channels, size, classNames, ...set, sha256: hash.digest('hex') },
    ...(masks && { regions: { masks, eitherSide: false } }),
  };
}

function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** As wide as they came: a byte holds 256 classes. */
function sharedLabels(labels: Uint8Array | Uint16Array): ImageSet['labels'] {
  const copy =
    labels instanceof Uint16Array
      ? new Uint16Array(new SharedArrayBuffer(labels.byteLength))
      : new Uint8Array(new SharedArrayBuffer(labels.byteLength));
  copy.set(labels);
  return copy;
}

function corrupt(uses: string, split: string, actual: string): VitrineError {
  return new VitrineError('DatasetCorrupt', 'A package gave no data set.', {
    where: `data set ${uses}, ${split}`,
    expected: 'size, channels, classNames, pixels and labels that fit each other',
    actual,
    hint: 'Correct the package, or install another version of it.',
  });
}
