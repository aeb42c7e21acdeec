import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, readStackFile, statePaths } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { lockHolder } from './lock.js';
import { logPath } from './log-file.js';
import { interruptedStart } from './supervisor.js';

const START_SECONDS = 300;
const POLL_MILLISECONDS = 250;

/**
 * Waits for a stack that somebody else is starting.
 * @throws VitrineError when it does not come up, or its supervisor gives up
 */
export async function untilUp(stateDir: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const stack = readStackFile(stateDir);
    const [worker] = stack?.workers ?? [];
    if (stack?.api && worker && isRunning(stack.api) && isRunning(worker)) return;
    if (signal.aborted) throw interruptedStart();
    if (Date.now() > deadline || !lockHolder(stateDir))
      throw new VitrineError('ApiUnavailable', 'The stack that is being started does not come up.', {
        where: logPath(statePaths(stateDir).logsDir, 'supervisor'),
        expected: `API and worker within ${START_SECONDS} s`,
        actual: lockHolder(stateDir)
          ? 'a supervisor that is still starting them'
          : 'its supervisor has ended',
        hint: 'Read the log named above, stop what is left with `npx vitrine down`, and start again.',
      });
    await sleep(POLL_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}
