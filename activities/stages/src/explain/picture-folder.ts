import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packFolder } from '@vitrine/artifact-store';
import { drawPng } from '../report/png.js';
import type { ExplanationsArtifact } from './explanations-artifact.js';
import { explanationsPage, type PictureFile } from './explanations-page.js';
import {
  captionOf,
  exampleCount,
  imageOf,
  keptOf,
  maskOf,
  overlayOf,
  stripOf,
  type Drawing,
  type Example,
} from './pictures.js';

/** Pictures are enlarged to about this width. */
const WIDTH = 224;
/** Grids of the strip of votes, each. */
const STRIP_GRID = 112;

/** Letters, digits and dashes of a name. */
const slug = (text: string): string =>
  text
    .replace(/\.[a-z]{3,4}$/i, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'image';

interface NamedPng extends PictureFile {
  readonly png: Buffer;
}

/** Every picture of the examples: the image, and by method mask, overlay, kept patches, and of gates the votes by layer. */
function* pictures(explanations: ExplanationsArtifact): Generator<NamedPng> {
  for (let image = 0; image < exampleCount(explanations); image++) {
    const example: Example = { explanations, image };
    const folder = `${String(image + 1).padStart(3, '0')}-${slug(captionOf(example).name)}`;
    const draw = (what: PictureFile['what'], drawing: Drawing, method = ''): NamedPng => {
      const { values, width } = drawing;
      const height = values.length / width / (what === 'mask' || what === 'votes' ? 1 : 3);
      const wanted = what === 'votes' ? (STRIP_GRID * width) / maskWidth(example) : WIDTH;
      const scale = Math.max(1, Math.ceil(wanted / width));
      const name = method === '' ? what : `${method}.${what}`;
      return {
        ...{ image, what, method, path: `${folder}/${name}.png` },
        png: drawPng(values, { width, height, scale }),
      };
    };
    yield draw('image', imageOf(example));
    for (const method of explanations.meta.methods) {
      yield draw('mask', maskOf(example, method), method);
      yield draw('overlay', overlayOf(example, method), method);
      yield draw('kept', keptOf(example, method), method);
      const strip = stripOf(example, method);
      if (strip) yield draw('votes', strip, method);
    }
  }
}

const maskWidth = ({ explanations }: Example): number =>
  explanations.meta.model.imageSize / explanations.meta.model.patchSize;

/** Writes pictures and a page that compares them, and hands on the folder as a tar; equal explanations, equal bytes. */
export async function packPictures<T>(
  explanations: ExplanationsArtifact,
  store: (content: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-pictures-'));
  try {
    const files: PictureFile[] = [];
    for (const { png, ...file } of pictures(explanations)) {
      const path = join(folder, file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, png);
      files.push(file);
    }
    await writeFile(join(folder, 'index.html'), explanationsPage(explanations, files));
    return await store(await packFolder(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
