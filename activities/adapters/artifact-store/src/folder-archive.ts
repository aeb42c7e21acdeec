import { createReadStream, type Stats } from 'node:fs';
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { VitrineError } from '@vitrine/contracts';
import { create, extract } from 'tar';

export interface PackOptions {
  /** Names that are left out, at any depth. */
  readonly exclude?: readonly string[];
  /** More is refused: a data set that somebody left beside the program is no source. */
  readonly limitBytes?: number;
}

interface Found {
  readonly paths: string[];
  bytes: number;
}

/**
 * A folder as a tar of sorted paths without owners and times: equal names, contents and modes give equal bytes. Links are
 * followed, so that what is packed does not depend on what lies beside the folder.
 * @throws VitrineError NotFound when something cannot be read, InvalidSpec when it is larger than it may be
 */
export async function packFolder(
  folder: string,
  { exclude = [], limitBytes = Infinity }: PackOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const found: Found = { paths: [], bytes: 0 };
  try {
    await walk(folder, '', { found, exclude: new Set(exclude), ancestors: [] });
  } catch (cause) {
    throw unreadable(folder, cause);
  }
  if (found.bytes > limitBytes)
    throw new VitrineError('InvalidSpec', 'A folder is too large to be packed.', {
      where: folder,
      expected: `at most ${limitBytes} bytes`,
      actual: `${found.bytes} bytes`,
      hint: 'Leave large files out, and hand data in as an input.',
    });
  return tarOf(folder, found.paths);
}

async function* tarOf(folder: string, paths: readonly string[]): AsyncGenerator<Uint8Array> {
  const options = {
    cwd: folder,
    portable: true,
    noMtime: true,
    noDirRecurse: true,
    follow: true,
    onWriteEntry: plainMode,
  };
  // With the folder itself, because a tar of nothing is none.
  const tar = create(options, ['.', ...paths.map(plainPath)]);
  // Between two pieces nobody else listens, and an error that nobody hears ends the process.
  tar.on('error', () => undefined);
  try {
    yield* tar;
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function unreadable(folder: string, cause: unknown): VitrineError {
  return new VitrineError('NotFound', 'A folder cannot be packed.', {
    where: folder,
    expected: 'a folder whose files can all be read',
    actual: cause instanceof Error ? cause.message : String(cause),
    hint: 'Correct the path, or leave out what cannot be read.',
    cause,
  });
}

/**
 * Unpacks what `packFolder` packed into a folder that it makes.
 * @throws what the content throws, or Error of the file system
 */
export async function unpackFolder(folder: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unpacker = extract({ cwd: folder, preserveOwner: false, strict: true });
  const source = Readable.from(asBuffers(content));
  // Listened to before anything is written: a small archive is unpacked at once.
  await new Promise<void>((resolve, reject) => {
    unpacker.on('close', resolve);
    unpacker.on('error', reject);
    source.on('error', reject);
    source.pipe(unpacker as unknown as NodeJS.WritableStream);
  });
}

/** The library reads headers by methods that bytes have only as a Buffer. */
async function* asBuffers(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of content)
    yield Buffer.from(buffer, byteOffset, byteLength);
}

interface Walk {
  readonly found: Found;
  readonly exclude: ReadonlySet<string>;
  /** Real paths of the folders above, against links that lead back. */
  readonly ancestors: readonly string[];
}

async function walk(root: string, below: string, { found, exclude, ancestors }: Walk): Promise<void> {
  const folder = join(root, below);
  const real = await realpath(folder);
  if (ancestors.includes(real)) throw new Error(`${folder} is a link to a folder that it lies in`);
  const names = (await readdir(folder)).filter((name) => !exclude.has(name)).sort();
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const facts = await stat(join(root, path));
    if (facts.isDirectory()) {
      found.paths.push(path);
      await walk(root, path, { found, exclude, ancestors: [...ancestors, real] });
    } else if (facts.isFile()) {
      await readable(join(root, path));
      found.paths.push(path);
      found.bytes += facts.size;
    } else throw new Error(`${join(root, path)} is neither file nor folder`);
  }
}

/** Opens and closes it: later, in the middle of a stream, an error could only break it off. */
async function readable(path: string): Promise<void> {
  for await (const _ of createReadStream(path, { end: 0 })) break;
}

/** The library takes `@file` for an archive to add. */
function plainPath(path: string): string {
  return path.startsWith('@') ? `./${path}` : path;
}

/** Of a mode only counts whether a file may be run: the rest is the umask of whoever wrote it. */
function plainMode({ stat: facts }: { stat?: Stats }): void {
  if (facts) facts.mode = facts.isDirectory() || (facts.mode & 0o111) !== 0 ? 0o755 : 0o644;
}
