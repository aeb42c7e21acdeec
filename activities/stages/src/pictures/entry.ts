/**
 * A program that explains a person's own pictures: `explain-pictures.mjs JOB`, messages in JSON on stdout, one a line. The
 * backend starts in a process of its own, with the environment and in the manner of a stage's.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { backendEnvironment } from '@vitrine/backend/environment';
import { processEnvironment, readConfig } from '@vitrine/config';
import { pictureJobSchema, toVitrineError, type PictureJob, type PictureMessage } from '@vitrine/contracts';
import { startBackend } from '../job/start-backend.js';
import { explainPictures } from './explain-pictures.js';

async function explain(job: PictureJob, tell: (message: PictureMessage) => void): Promise<PictureMessage> {
  try {
    const { device: _device, ...choice } = job.numerics;
    const { executor, profile } = await startBackend(readConfig(processEnvironment()), choice);
    const answer = await explainPictures(job, {
      ...{ executor, profile, now: () => performance.now() },
      signal: new AbortController().signal,
      onProgress: (progress) => tell({ progress }),
    });
    return { answer };
  } catch (error) {
    return { error: toVitrineError(error).toView() };
  }
}

/** Ends with the command that asked, whichever way that ends. */
function ask(job: PictureJob): void {
  const { threads, device } = job.numerics;
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(job)], {
    env: {
      ...processEnvironment(),
      ...backendEnvironment({ threads, ...(device === 'cpu' && { visibleDevices: [] }) }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (message) => process.stdout.write(`${JSON.stringify(message)}\n`));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) process.stderr.write(`The process that explains was ended by ${signal}.\n`);
  });
}

const job = pictureJobSchema.parse(JSON.parse(process.argv[2] ?? ''));
if (process.send) {
  process.once('disconnect', () => process.exit(1));
  const tell = (message: PictureMessage): void => void process.send?.(message);
  void explain(job, tell).then((message) => process.send?.(message, () => process.exit(0)));
} else ask(job);
