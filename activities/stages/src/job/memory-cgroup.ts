import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel shows control groups and processes; another place in tests. */
export interface KernelPaths {
  readonly cgroups: string;
  readonly proc: string;
}

export const KERNEL: KernelPaths = { cgroups: '/sys/fs/cgroup', proc: '/proc' };

/** File names of the two generations of control groups. */
const FILES = {
  v2: {
    limit: 'memory.max',
    swap: ['memory.swap.max', '0'],
    // Of this group alone; `memory.events` counts those below it as well.
    counters: ['memory.events.local', 'memory.events'],
    peak: 'memory.peak',
  },
  v1: {
    limit: 'memory.limit_in_bytes',
    // Memory and swap together.
    swap: ['memory.memsw.limit_in_bytes', undefined],
    counters: ['memory.oom_control'],
    peak: 'memory.max_usage_in_bytes',
  },
} as const;

/** A memory control group: the kernel's own account of a group of processes. */
export class MemoryCgroup {
  private constructor(
    readonly folder: string,
    private readonly files: (typeof FILES)['v1' | 'v2'],
  ) {}

  /** The group a process is in; undefined where the kernel shows none. */
  static of(pid: number, kernel: KernelPaths = KERNEL): MemoryCgroup | undefined {
    const lines = readIfThere(join(kernel.proc, String(pid), 'cgroup'))?.split('\n') ?? [];
    const isV2 = existsSync(join(kernel.cgroups, 'cgroup.controllers'));
    const fields = lines
      .map((line) => line.split(':'))
      .find(([number, controllers]) =>
        isV2 ? number === '0' : controllers?.split(',').includes('memory') === true,
      );
    if (!fields) return undefined;
    const root = isV2 ? kernel.cgroups : join(kernel.cgroups, 'memory');
    // Inside a container the path may be the host's, of which only the container's part is mounted.
    const folder = [join(root, fields.slice(2).join(':')), root].find(existsSync);
    return folder === undefined ? undefined : new MemoryCgroup(folder, FILES[isV2 ? 'v2' : 'v1']);
  }

  /**
   * A new group below this one with a limit of its own.
   * @returns undefined where this process may not make one, or the kernel does not account memory there
   */
  createChild(name: string, limitBytes: number): MemoryCgroup | undefined {
    const child = new MemoryCgroup(join(this.folder, name), this.files);
    try {
      // Only version 2 asks for it, and refuses it when it holds processes itself; then there is no limit file below.
      tryWrite(join(this.folder, 'cgroup.subtree_control'), '+memory');
      mkdirSync(child.folder);
      writeFileSync(join(child.folder, this.files.limit), String(limitBytes));
      const [swapFile, swapLimit = String(limitBytes)] = this.files.swap;
      tryWrite(join(child.folder, swapFile), swapLimit);
      return child;
    } catch {
      child.remove();
      return undefined;
    }
  }

  /** Moves a process here. @returns false when the kernel refuses it */
  admit(pid: number): boolean {
    return tryWrite(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** Processes of this group that the kernel has killed for memory; undefined where it does not count them. */
  oomKills(): number | undefined {
    for (const file of this.files.counters) {
      const line = readIfThere(join(this.folder, file))?.match(/^oom_kill (\d+)$/m);
      if (line) return Number(line[1]);
    }
    return undefined;
  }

  peakBytes(): number | undefined {
    const text = readIfThere(join(this.folder, this.files.peak));
    return text === undefined ? undefined : Number(text);
  }

  /** Removes the group if it is empty, and those that dead workers have left beside it. */
  remove(): void {
    try {
      rmdirSync(this.folder);
    } catch {
      // Not empty yet, or never made: it costs the kernel next to nothing.
    }
  }

  /** Removes empty groups below this one whose names `isStale` accepts. */
  sweep(isStale: (name: string) => boolean): void {
    for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
      if (entry.isDirectory() && isStale(entry.name))
        new MemoryCgroup(join(this.folder, entry.name), this.files).remove();
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}
