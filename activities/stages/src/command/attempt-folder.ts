import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unpackFolder, type ArtifactStore } from '@vitrine/artifact-store';
import { ARTIFACT_EXTENSIONS, VitrineError, type ArtifactRef, type ProgramJob } from '@vitrine/contracts';

const PREFIX = 'vitrine-command-';

/** What one attempt of a program reads and writes; removed with everything in it. */
export class AttemptFolder {
  /** The folder that the program runs in. */
  readonly work: string;
  readonly checkpoint: string;
  readonly inputs: string;
  readonly jobFile: string;
  readonly paramsFile: string;
  private readonly resume: string;

  private constructor(readonly root: string) {
    this.work = join(root, 'work');
    this.checkpoint = join(root, 'checkpoint');
    this.inputs = join(root, 'inputs');
    this.resume = join(root, 'resume');
    this.jobFile = join(root, 'stage.json');
    this.paramsFile = join(root, 'params.json');
  }

  /** A new one, after those of processes that were killed have been removed. */
  static async create(below: string): Promise<AttemptFolder> {
    return onDisk(below, async () => {
      await removeLeftovers(below);
      const folder = new AttemptFolder(await mkdtemp(join(below, `${PREFIX}${process.pid}-`)));
      for (const path of [folder.work, folder.checkpoint, folder.inputs]) await mkdir(path);
      return folder;
    });
  }

  /** Puts the source there, or leaves the folder empty. */
  async unpackSource(content: AsyncIterable<Uint8Array>): Promise<void> {
    await onDisk(this.root, () => unpackFolder(this.work, content));
  }

  async unpackCheckpoint(content: Uint8Array): Promise<string> {
    await onDisk(this.root, () => unpackFolder(this.resume, pieces(content)));
    return this.resume;
  }

  /** One input as a file that says what it is by its name, or as a folder. @returns its path */
  async place(label: string, ref: ArtifactRef, artifacts: ArtifactStore): Promise<string> {
    const isFolder = ref.type === 'folder';
    const path = join(this.inputs, isFolder ? label : `${label}.${ARTIFACT_EXTENSIONS[ref.type]}`);
    await onDisk(this.root, async () => {
      if (isFolder) return unpackFolder(path, artifacts.stream(ref));
      await pipeline(artifacts.stream(ref), createWriteStream(path, { mode: 0o444 }));
    });
    return path;
  }

  /** Nothing in it is to be changed: the artifacts are what later stages, and people, read as well. */
  async sealInputs(): Promise<void> {
    await chmod(this.inputs, 0o555);
  }

  async write(job: ProgramJob): Promise<void> {
    await onDisk(this.root, async () => {
      await writeFile(this.paramsFile, JSON.stringify(job.params));
      await writeFile(this.jobFile, JSON.stringify(job));
      for (const path of Object.values(job.outputs)) await mkdir(dirname(path), { recursive: true });
    });
  }

  async remove(): Promise<void> {
    await chmod(this.inputs, 0o755).catch(() => undefined);
    // The processes are gone; a file system of a container may need a moment more.
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function removeLeftovers(below: string): Promise<void> {
  for (const name of await readdir(below)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && isGone(Number(owner)))
      await rm(join(below, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** @throws VitrineError DiskFull where there is no more room */
export async function onDisk<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause;
    throw new VitrineError('DiskFull', 'There is no room for the files of a program.', {
      where: folder,
      expected: 'room for its inputs, its source and its checkpoint',
      actual: code,
      cause,
    });
  }
}

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}
