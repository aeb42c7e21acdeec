/** Which libtensorflow this process runs on. */
import { createHash } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The build that set-up recorded in `native.json`. */
export interface RecordedLibrary {
  /** Folder of the libraries. */
  readonly dir: string;
  readonly sha256: string;
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The files of libtensorflow that are mapped into this process. */
export function loadedLibraries(): readonly string[] {
  // Network interfaces would be looked up by name, which can take seconds.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as unknown as { sharedObjects: readonly string[] };
  if (before !== undefined) report.excludeNetwork = before;
  const files = sharedObjects.filter((path) => /^libtensorflow/.test(basename(path)));
  return [...new Set(files.map((path) => realpath(path) ?? path))].sort();
}

/**
 * SHA-256 of the library: the recorded one if it speaks of these files, else that of their contents, which takes about a
 * second per gigabyte.
 */
export async function libraryDigest(files: readonly string[], recorded?: RecordedLibrary): Promise<string> {
  const recordedDir = recorded && realpath(recorded.dir);
  if (recorded && files.length > 0 && files.every((file) => dirname(file) === recordedDir))
    return recorded.sha256;
  const hash = createHash('sha256');
  for (const file of files)
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 }))
      hash.update(chunk as Buffer);
  return hash.digest('hex');
}
