import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '@vitrine/config';

const POLL_MILLISECONDS = 50;

export interface Ending {
  /** How long the process may take to end by itself after SIGTERM. */
  readonly graceSeconds: number;
}

/**
 * Ends a process that was started as the leader of its own group, and then whatever is left of the group. The leader alone
 * is asked: a worker tells its stages itself, after they have saved their work.
 * @returns whether it had to be killed
 */
export async function endProcess(identity: ProcessIdentity, { graceSeconds }: Ending): Promise<boolean> {
  if (isRunning(identity)) signal(identity.pid, 'SIGTERM');
  const ended = await until(() => !isRunning(identity), graceSeconds);
  const groupEnded = ended && (await until(() => !groupExists(identity.pid), 2));
  if (!groupEnded) {
    signal(-identity.pid, 'SIGKILL');
    await until(() => !isRunning(identity) && !groupExists(identity.pid), 5);
  }
  return !ended;
}

/** Kills what is left of a group whose leader, a child of ours, has just died. */
export function killGroup(leader: number): void {
  signal(-leader, 'SIGKILL');
}

/** Whether any process of the group is alive, or waits to be buried by its parent. */
export function groupExists(leader: number): boolean {
  return signal(-leader, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has the number by now, so ours is gone.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

async function until(holds: () => boolean, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}
