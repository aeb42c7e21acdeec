import { readFileSync } from 'node:fs';
import { bootMicroseconds, namesOomKill, readKernelLog, recordsSince } from './kernel-log.js';
import { MemoryCgroup } from './memory-cgroup.js';

/** Whether a process was killed for want of memory, by the word of the kernel. */
export interface OomVerdict {
  readonly outOfMemory: boolean;
  /** Whose word it is. */
  readonly evidence: string;
  readonly peakBytes?: number;
}

/** Watches the memory of one process from its start on. */
export interface MemoryWatch {
  /** False when a limit was asked for and this machine gives no means to hold it. */
  readonly limited: boolean;
  /** Call now and then: some kernels forget the peak with the process. */
  sample(): void;
  /** Asks, once the process has been killed. */
  verdict(): OomVerdict;
  release(): void;
}

export interface MemoryGuard {
  /** Begins to watch a process that has just been started; puts it into a group of its own when it has a limit. Never throws. */
  watch(pid: number, limitBytes?: number): MemoryWatch;
}

const PREFIX = 'vitrine-';

/** The guard of this machine: control groups, the kernel's log and /proc, as far as it has them. */
export function createMemoryGuard(): MemoryGuard {
  let count = 0;
  return {
    watch(pid, limitBytes) {
      const shared = MemoryCgroup.of(pid);
      if (limitBytes !== undefined && shared) {
        shared.sweep(isLeftover);
        count += 1;
        const own = shared.createChild(`${PREFIX}${process.pid}-${count}`, limitBytes);
        if (own?.admit(pid)) return ownGroupWatch(own);
        own?.remove();
      }
      return sharedWatch(pid, shared, limitBytes === undefined);
    },
  };
}

/** In a group of its own, the kernel's counter speaks of this process and no other. */
function ownGroupWatch(group: MemoryCgroup): MemoryWatch {
  return {
    limited: true,
    sample: () => undefined,
    verdict: () => {
      const kills = group.oomKills() ?? 0;
      const peakBytes = group.peakBytes();
      return {
        outOfMemory: kills > 0,
        evidence: `oom_kill ${kills} in the memory group of the process`,
        ...(peakBytes !== undefined && { peakBytes }),
      };
    },
    release: () => group.remove(),
  };
}

function sharedWatch(pid: number, group: MemoryCgroup | undefined, limited: boolean): MemoryWatch {
  const before = group?.oomKills() ?? 0;
  const since = bootMicroseconds();
  let peakBytes: number | undefined;
  return {
    limited,
    sample: () => {
      peakBytes = peakOfProcess(pid) ?? peakBytes;
    },
    verdict: () => {
      const log = readKernelLog();
      const records = log && recordsSince(log, since);
      const kills = (group?.oomKills() ?? 0) - before;
      return { ...judge({ pid, records, kills }), ...(peakBytes !== undefined && { peakBytes }) };
    },
    release: () => undefined,
  };
}

/**
 * The strictest evidence at hand decides: the kernel's log names the process it killed; its counter only says that
 * it killed one of the same group.
 * @param records the kernel's log since the process was started, undefined where it cannot be read
 * @param kills by how much the counter of the process's group has grown since its start
 */
export function judge({
  pid,
  records,
  kills,
}: {
  readonly pid: number;
  readonly records: readonly string[] | undefined;
  readonly kills: number;
}): OomVerdict {
  if (records)
    return namesOomKill(records, pid)
      ? { outOfMemory: true, evidence: "the kernel's log names the process" }
      : { outOfMemory: false, evidence: "the kernel's log does not name the process" };
  return { outOfMemory: kills > 0, evidence: `oom_kill grew by ${kills} in the memory group` };
}

/** A group whose worker is gone; its name says which worker made it. */
function isLeftover(name: string): boolean {
  const pid = new RegExp(`^${PREFIX}(\\d+)-\\d+$`).exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function peakOfProcess(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
