/**
 * A program that says what the native backend of this machine was seen to do: `numerics-check.mjs QUESTION`, an answer in
 * JSON on stdout. The backend starts in a process of its own, with the environment and in the manner of a stage's.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { backendEnvironment } from '@vitrine/backend/environment';
import { processEnvironment, readConfig } from '@vitrine/config';
import {
  numericsQuestionSchema,
  toVitrineError,
  VitrineError,
  type NumericsAnswer,
  type NumericsQuestion,
} from '@vitrine/contracts';
import { startBackend } from '../job/start-backend.js';
import { checkNumerics } from './check-numerics.js';

async function look({ device, ...choice }: NumericsQuestion): Promise<NumericsAnswer> {
  try {
    const { profile, executor, computesOn } = await startBackend(readConfig(processEnvironment()), choice);
    if (computesOn !== device)
      throw new VitrineError('InvalidConfig', 'TensorFlow does not compute on the device of the pool.', {
        where: 'the native backend',
        expected: device,
        actual: `${computesOn}, ${profile.device}`,
        hint: 'See that the driver answers (`nvidia-smi`), then set up again with `npm start -- --setup-only`.',
      });
    return { report: { profile, computesOn, ...checkNumerics(executor, () => performance.now()) } };
  } catch (error) {
    return { error: toVitrineError(error).toView() };
  }
}

function ask(question: NumericsQuestion): void {
  const { threads, device } = question;
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(question)], {
    env: {
      ...processEnvironment(),
      ...backendEnvironment({ threads, ...(device === 'cpu' && { visibleDevices: [] }) }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.once('message', (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) process.stderr.write(`The process of the native backend was ended by ${signal}.\n`);
  });
}

const question = numericsQuestionSchema.parse(JSON.parse(process.argv[2] ?? ''));
if (process.send) void look(question).then((answer) => process.send?.(answer, () => process.exit(0)));
else ask(question);
