import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * A process told apart from a later one with the same number. `started` is opaque: on Linux the boot and the clock tick
 * at which the process began, elsewhere the start time that `ps` prints.
 */
export const processIdentitySchema = z.strictObject({ pid: z.int().min(1), started: z.string().min(1) });

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** The identity of a live process, or undefined when none has this number or it is a zombie. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether this very process, not a later one with its number, is alive. */
export function isRunning(identity: ProcessIdentity): boolean {
  return processIdentity(identity.pid)?.started === identity.started;
}

/** Fields of `/proc/<pid>/stat` counted from the state, which follows the last `)`: the name before it may hold anything. */
const STATE = 0;
const START_TICKS = 19;

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Ticks count from boot, so the boot is part of the identity.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[STATE] === 'Z' ? undefined : `${boot}:${fields[START_TICKS]}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [, state, started] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return state === undefined || state.startsWith('Z') ? undefined : started;
  } catch {
    return undefined;
  }
}
