import { createHash } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  VitrineError,
  runRequestSchema,
  type PipelineSpec,
  type RunOptions,
  type RunRequest,
} from '@vitrine/contracts';
import { z } from 'zod';

const submissionSchema = z.strictObject({
  format: z.literal(1),
  specSha256: z.string(),
  request: runRequestSchema,
});

/** What somebody asks for. */
export interface Submission {
  readonly spec: PipelineSpec;
  readonly options: RunOptions;
}

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
  async once(key: string, { spec, options }: Submission, make: () => RunRequest): Promise<RunRequest> {
    const path = join(this.folder, `${sha256(`${spec.project}\n${key}`)}.json`);
    const specSha256 = sha256(JSON.stringify([spec, options]));
    const known =
      (await this.read(path)) ?? (await this.create(path, { format: 1, specSha256, request: make() }));
    if (known.specSha256 === specSha256) return known.request;
    throw new VitrineError('Conflict', 'The idempotency key was used for another pipeline.', {
      where: 'header Idempotency-Key',
      expected: `the pipeline that run ${known.request.runId} was made from`,
      actual: 'a pipeline that differs from it',
      hint: 'Send a new key with a new pipeline.',
    });
  }

  private async read(path: string): Promise<z.infer<typeof submissionSchema> | undefined> {
    try {
      return submissionSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Of several that create the same file one wins, and all get what it wrote. */
  private async create(
    path: string,
    submission: z.infer<typeof submissionSchema>,
  ): Promise<z.infer<typeof submissionSchema>> {
    await mkdir(this.folder, { recursive: true });
    const own = `${path}.${process.pid}.${submission.request.runId}`;
    await writeFile(own, JSON.stringify(submission));
    try {
      await link(own, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(own, { force: true });
    }
    return (await this.read(path)) ?? submission;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
