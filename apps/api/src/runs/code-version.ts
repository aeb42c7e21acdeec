import { readFile } from 'node:fs/promises';
import { VitrineError } from '@vitrine/contracts';
import { z } from 'zod';

const codeVersionSchema = z.object({ codeVersion: z.string().min(1) });

/**
 * The digest of the stage bundle that a run planned now is to be executed by, as the build wrote it.
 * @throws VitrineError InvalidConfig naming the file
 */
export async function readCodeVersion(path: string): Promise<string> {
  try {
    return codeVersionSchema.parse(JSON.parse(await readFile(path, 'utf8'))).codeVersion;
  } catch (cause) {
    throw new VitrineError('InvalidConfig', 'The version of the stage code cannot be read.', {
      where: path,
      expected: 'the file that the build of the stages writes',
      actual: (cause as NodeJS.ErrnoException).code ?? 'another document',
      hint: 'Build the project with `npm run build` and submit again.',
      cause,
    });
  }
}
