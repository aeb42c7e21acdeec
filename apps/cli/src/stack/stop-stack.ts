import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, statePaths } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { lockHolder, lockPath } from './lock.js';
import { GRACE_SECONDS, ProcessList, endLeftovers, type ProcessEntry } from './process-list.js';

/** A supervisor gives every part its grace, one after the other. */
const PATIENCE_SECONDS = Object.values(GRACE_SECONDS).reduce((sum, seconds) => sum + seconds, 15);
const POLL_MILLISECONDS = 100;

/**
 * Stops the stack of a state folder, whoever started it: asks its supervisor, and ends by itself whatever has none.
 * @returns whether there was anything to stop
 * @throws VitrineError when something could not be ended
 */
export async function stopStack(stateDir: string, tell: (line: string) => void): Promise<boolean> {
  const holder = lockHolder(stateDir);
  if (holder) {
    tell(`stopping: the worker saves its work first`);
    process.kill(holder.pid, 'SIGTERM');
    const deadline = Date.now() + PATIENCE_SECONDS * 1000;
    while (isRunning(holder) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
    if (isRunning(holder)) process.kill(holder.pid, 'SIGKILL');
  }
  const list = new ProcessList(stateDir);
  const leftovers = await endLeftovers(list, (entry) =>
    tell(`ending ${described(entry)}, which had no supervisor`),
  );
  const left = list.alive();
  if (left.length > 0)
    throw new VitrineError('Internal', 'Parts of the stack could not be ended.', {
      where: stateDir,
      expected: 'no process of the stack',
      actual: left.map(described).join(', '),
      hint: 'End these processes yourself.',
    });
  rmSync(statePaths(stateDir).stack, { force: true });
  if (!lockHolder(stateDir)) rmSync(lockPath(stateDir), { force: true });
  return holder !== undefined || leftovers.length > 0;
}

function described({ name, pid }: ProcessEntry): string {
  return `${name} (process ${pid})`;
}
