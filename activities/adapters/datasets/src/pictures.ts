import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { VitrineError } from '@vitrine/contracts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { ImageSet } from './datasets.js';

export interface PictureOptions {
  /** What the model takes: pixels along one side, and channels. */
  readonly size: number;
  readonly channels: number;
  /** Patches along one side: a picture with fewer pixels has nothing to tell them apart by. */
  readonly patches: number;
  readonly classNames: readonly string[];
  /** `stretch` takes the whole picture, `crop` its middle square. */
  readonly fit: 'stretch' | 'crop';
}

/** Formats that are taken, by sharp's names. */
const FORMATS = ['png', 'jpeg'] as const;
/** Channels that a picture can be decoded to. */
const COLOURS = { 1: 'b-w', 3: 'srgb' } as const;
/** Some 10,000 × 10,000: more is a mistake, or meant to fill the memory. */
const MOST_PIXELS = 1e8;

/**
 * A person's own pictures as a set of images: PNG or JPEG, turned as their camera says, transparent parts white, resized
 * bilinearly with as much blur as shrinking needs.
 * @throws VitrineError InvalidRequest naming the picture, ShapeMismatch for a model that sees no pictures
 */
export async function loadPictures(paths: readonly string[], options: PictureOptions): Promise<ImageSet> {
  const { size, channels, classNames } = options;
  if (channels !== 1 && channels !== 3)
    throw new VitrineError('ShapeMismatch', 'The model takes no pictures.', {
      where: 'model.channels',
      expected: '1 channel (grey) or 3 (red, green, blue)',
      actual: `${channels} channels`,
      hint: 'Explain a model that was trained on grey or coloured images.',
    });
  const length = channels * size * size;
  const pixels = new Uint8Array(new SharedArrayBuffer(paths.length * length));
  for (const [index, path] of paths.entries())
    pixels.set(await decode(path, { ...options, channels }), index * length);
  return {
    ...{ name: 'pictures', split: 'test', count: paths.length, channels, size, pixels, classNames },
    labels: new Uint8Array(new SharedArrayBuffer(paths.length)),
    names: paths.map((path) => basename(path)),
    sha256: createHash('sha256').update(pixels).digest('hex'),
  };
}

type Wanted = PictureOptions & { readonly channels: 1 | 3 };

/** Channels first, as in every set. */
async function decode(path: string, { size, channels, patches, fit }: Wanted): Promise<Uint8Array> {
  const content = await read(path);
  const picture = sharp(content, { failOn: 'truncated', limitInputPixels: MOST_PIXELS }).autoOrient();
  await check(path, picture, patches);
  const interleaved = await decoded(path, () =>
    picture
      .flatten({ background: 'white' })
      .toColourspace(COLOURS[channels])
      .resize(size, size, { fit: fit === 'stretch' ? 'fill' : 'cover', kernel: 'linear' })
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );
  const plane = size * size;
  return Uint8Array.from(
    interleaved,
    (_, at) => interleaved[(at % plane) * channels + Math.floor(at / plane)] ?? 0,
  );
}

async function check(path: string, picture: Sharp, patches: number): Promise<void> {
  const { format, width, height }: Metadata = await decoded(path, () => picture.metadata());
  if (!FORMATS.some((known) => known === format))
    throw refused(path, 'The picture is of a kind that is not taken.', {
      expected: 'PNG or JPEG',
      actual: format,
    });
  if (Math.min(width, height) < patches)
    throw refused(path, 'The picture is too small.', {
      expected: `at least ${patches} × ${patches} pixels, one a patch of the model`,
      actual: `${width} × ${height} pixels`,
    });
}

async function read(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const actual = code === 'ENOENT' ? 'no such file' : code;
    throw refused(path, 'A picture cannot be read.', { expected: 'a PNG or JPEG file', actual, cause });
  });
  if (bytes.length > 0) return bytes;
  // The library calls this a mistake of its caller, before it has anything to decode.
  throw refused(path, 'A picture cannot be read.', {
    expected: 'a PNG or JPEG file',
    actual: 'an empty file',
  });
}

/** What the library says of a file that it cannot decode is for its developers, but better than nothing. */
async function decoded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const [said = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const expected = `a whole PNG or JPEG file of at most ${MOST_PIXELS.toLocaleString('en-GB')} pixels`;
    throw refused(path, 'A picture cannot be decoded.', { expected, actual: said, cause });
  }
}

const refused = (
  path: string,
  what: string,
  details: { readonly expected: string; readonly actual: string; readonly cause?: unknown },
): VitrineError =>
  new VitrineError('InvalidRequest', what, {
    where: path,
    ...details,
    hint: 'Save the picture anew as PNG or JPEG, or leave it out.',
  });
