import { createHash } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  VitrineError,
  runRequestSchema,
  sweepRequestSchema,
  type PipelineSpec,
  type RunOptions,
  type RunRequest,
  type SweepRequest,
  type SweepSpec,
} from '@vitrine/contracts';
import { z } from 'zod';

/** What somebody asks for. */
export interface Submission {
  readonly spec: PipelineSpec;
  readonly options: RunOptions;
}

/** A request with what it was made from. */
interface Known<T> {
  readonly format: 1;
  readonly specSha256: string;
  readonly request: T;
}

/** What keys stand for: runs or sweeps, each in a folder of their own. */
interface Kind<T> {
  readonly folder: string;
  readonly schema: z.ZodType<Known<T>>;
  idOf(request: T): string;
  /** As messages name what is described, and what was made from it. */
  readonly words: readonly [described: string, made: string];
}

const known = { format: z.literal(1), specSha256: z.string() };
const RUNS: Kind<RunRequest> = {
  folder: '.',
  schema: z.strictObject({ ...known, request: runRequestSchema }),
  idOf: ({ runId }) => runId,
  words: ['pipeline', 'run'],
};
const SWEEPS: Kind<SweepRequest> = {
  folder: 'sweeps',
  schema: z.strictObject({ ...known, request: sweepRequestSchema }),
  idOf: ({ sweepId }) => sweepId,
  words: ['sweep', 'sweep'],
};

/**
 * Remembers which request an idempotency key stands for, on disk, before anything is done with it. A client that lost the
 * answer sends the key again and gets the same run, even when the API was killed in between.
 */
export class Submissions {
  constructor(private readonly folder: string) {}

  /**
   * The request that this key stands for; `make` is asked for one the first time only.
   * @throws VitrineError Conflict when the key was used for another pipeline or other options
   */
  once(key: string, { spec, options }: Submission, make: () => RunRequest): Promise<RunRequest> {
    return this.kept(RUNS, { key, project: spec.project, made: [spec, options] }, make);
  }

  /** The same of sweeps. @throws VitrineError Conflict when the key was used for another sweep */
  onceSweep(key: string, spec: SweepSpec, make: () => SweepRequest): Promise<SweepRequest> {
    return this.kept(SWEEPS, { key, project: spec.project, made: spec }, make);
  }

  private async kept<T>(
    kind: Kind<T>,
    { key, project, made }: { key: string; project: string; made: unknown },
    make: () => T,
  ): Promise<T> {
    const path = join(this.folder, kind.folder, `${sha256(`${project}\n${key}`)}.json`);
    const specSha256 = sha256(JSON.stringify(made));
    const found =
      (await read(kind, path)) ?? (await create(kind, path, { format: 1, specSha256, request: make() }));
    if (found.specSha256 === specSha256) return found.request;
    const [described, what] = kind.words;
    throw new VitrineError('Conflict', `The idempotency key was used for another ${described}.`, {
      where: 'header Idempotency-Key',
      expected: `the ${described} that ${what} ${kind.idOf(found.request)} was made from`,
      actual: `a ${described} that differs from it`,
      hint: `Send a new key with a new ${described}.`,
    });
  }
}

async function read<T>({ schema }: Kind<T>, path: string): Promise<Known<T> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of several that create the same file one wins, and all get what it wrote. */
async function create<T>(kind: Kind<T>, path: string, submission: Known<T>): Promise<Known<T>> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}.${kind.idOf(submission.request)}`;
  await writeFile(own, JSON.stringify(submission));
  try {
    await link(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(own, { force: true });
  }
  return (await read(kind, path)) ?? submission;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
