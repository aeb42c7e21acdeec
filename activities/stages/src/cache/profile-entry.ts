/** A process that starts the native backend as a stage process would, says what its results depend on, and ends. */
import { processEnvironment, readConfig } from '@vitrine/config';
import { numericsChoiceSchema, toVitrineError } from '@vitrine/contracts';
import { startBackend } from '../job/start-backend.js';
import type { ProfileAnswer } from './profile-answer.js';

async function answer(): Promise<ProfileAnswer> {
  try {
    const numerics = numericsChoiceSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
    const { profile } = await startBackend(readConfig(processEnvironment()), numerics);
    return { profile };
  } catch (error) {
    return { error: toVitrineError(error).toView() };
  }
}

void answer().then((message) => {
  if (process.connected && process.send) process.send(message, () => process.exit(0));
  else process.exit(1);
});
