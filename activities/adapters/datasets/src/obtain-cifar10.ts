import { constants } from 'node:fs';
import { copyFile, mkdir, open, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { VitrineError } from '@vitrine/contracts';
import { extract } from 'tar';
import {
  checkRecords,
  filesOf,
  hasAllFiles,
  OFFICIAL_LAYOUT,
  RECORD_BYTES,
  type Layout,
} from './cifar10-format.js';
import { cifar10Folder } from './create-datasets.js';
import { isAlive, publishFiles, writeError } from './disk.js';
import { download } from './download.js';

/** The folder in the archive, and of people who have unpacked it. */
const ARCHIVE_FOLDER = 'cifar-10-batches-bin';

export interface Archive {
  readonly md5: string;
  readonly sources: readonly string[];
  readonly layout: Layout;
}

/** "CIFAR-10 binary version" of https://www.cs.toronto.edu/~kriz/cifar.html, 170 MB. */
export const CIFAR10_ARCHIVE: Archive = {
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  sources: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
  layout: OFFICIAL_LAYOUT,
};

export interface FetchProgress {
  readonly phase: 'download' | 'unpack';
  readonly bytes: number;
  readonly total: number | undefined;
}

export interface FetchOptions {
  readonly dataDir: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** Other addresses of the same archive. */
  readonly sources?: readonly string[];
}

export interface Obtained {
  readonly folder: string;
  /** False when it was there already. */
  readonly fresh: boolean;
}

/**
 * Fetches CIFAR-10 from its official address. Goes on where an earlier call broke off; puts nothing in place before all
 * of it is checked.
 * @throws VitrineError DatasetMissing, DatasetCorrupt, DiskFull, InvalidConfig, Conflict, Cancelled
 */
export async function fetchCifar10(
  { dataDir, onProgress = () => undefined, signal, sources }: FetchOptions,
  archive: Archive = CIFAR10_ARCHIVE,
): Promise<Obtained> {
  const folder = cifar10Folder(dataDir);
  if (await hasAllFiles(folder, archive.layout)) return { folder, fresh: false };
  const downloads = join(dataDir, 'downloads');
  await mkdir(downloads, { recursive: true }).catch((error: unknown) => {
    throw writeError(error, downloads);
  });
  const path = join(downloads, 'cifar-10-binary.tar.gz');
  return locked(`${path}.lock`, async () => {
    await refuseLittleRoom(dataDir, archive.layout);
    await download({
      sources: sources ?? archive.sources,
      md5: archive.md5,
      path,
      onProgress: (bytes, total) => onProgress({ phase: 'download', bytes, total }),
      signal,
    });
    const total = lengthOf(archive.layout);
    onProgress({ phase: 'unpack', bytes: 0, total });
    await publishFiles(folder, async (partial) => {
      await unpack(path, partial, archive.layout);
      await checkFiles(partial, archive.layout);
    });
    onProgress({ phase: 'unpack', bytes: total, total });
    await rm(path);
    return { folder, fresh: true };
  });
}

export interface ImportOptions {
  readonly dataDir: string;
  /** Holds the files of the binary release, or the folder that its archive unpacks to. */
  readonly folder: string;
}

/**
 * Takes CIFAR-10 from a local folder: checks every file, then copies it into the data folder.
 * @throws VitrineError DatasetMissing, DatasetCorrupt, DiskFull, InvalidConfig
 */
export async function importCifar10(
  { dataDir, folder }: ImportOptions,
  layout: Layout = OFFICIAL_LAYOUT,
): Promise<Obtained> {
  const inner = join(folder, ARCHIVE_FOLDER);
  const source = (await isFolder(inner)) ? inner : folder;
  await checkFiles(source, layout);
  const target = cifar10Folder(dataDir);
  await publishFiles(target, async (partial) => {
    for (const { name } of filesOf(layout))
      // A copy, so that a later change of the source does no harm; it shares blocks where the file system can.
      await copyFile(join(source, name), join(partial, name), constants.COPYFILE_FICLONE);
  });
  return { folder: target, fresh: true };
}

async function unpack(path: string, folder: string, layout: Layout): Promise<void> {
  const wanted = new Set(filesOf(layout).map((file) => `${ARCHIVE_FOLDER}/${file.name}`));
  try {
    await extract({ file: path, cwd: folder, strip: 1, strict: true, filter: (name) => wanted.has(name) });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw writeError(cause, folder);
    throw new VitrineError('DatasetCorrupt', 'An archive could not be unpacked.', {
      where: path,
      expected: 'a gzipped tar archive',
      actual: code ?? String(cause),
      cause,
    });
  }
}

async function checkFiles(folder: string, layout: Layout): Promise<void> {
  for (const { name, records } of filesOf(layout)) {
    const path = join(folder, name);
    const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new VitrineError('DatasetMissing', 'A file of CIFAR-10 is not there.', {
        where: path,
        expected: `the binary release: ${filesOf(layout)
          .map((file) => file.name)
          .join(', ')}`,
        actual: cause.code ?? String(cause),
        hint: 'Name the folder that the archive "CIFAR-10 binary version" unpacks to.',
        cause,
      });
    });
    checkRecords(path, content, records);
  }
}

async function refuseLittleRoom(dataDir: string, layout: Layout): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  // The archive is nearly as long as what it holds, and both are there at the end.
  const needed = 2 * lengthOf(layout);
  if (bavail * bsize >= needed) return;
  throw new VitrineError('DiskFull', 'There is too little room for CIFAR-10.', {
    where: dataDir,
    expected: `${needed} bytes free`,
    actual: `${bavail * bsize} bytes free`,
  });
}

function lengthOf(layout: Layout): number {
  return filesOf(layout).reduce((sum, file) => sum + file.records * RECORD_BYTES, 0);
}

/** Runs one such action at a time among all processes; the lock of a process that has ended does not count. */
async function locked<T>(path: string, action: () => Promise<T>): Promise<T> {
  const file = await open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw writeError(error, path);
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && isAlive(holder))
      throw new VitrineError('Conflict', 'Another process is fetching this data set.', {
        where: path,
        expected: 'no other process',
        actual: `process ${holder}`,
        hint: 'Wait until it is done, or stop it.',
      });
    return open(path, 'w');
  });
  try {
    await file.writeFile(String(process.pid));
    return await action();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
