import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';

/** Inode of the first pid namespace, fixed in the kernel (PROC_PID_INIT_INO). Elsewhere our pids are not those in its log. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

const RECORD_BYTES = 8192;

/** The records of the kernel's log, oldest first; undefined when this process may not read it or would misread it. */
export function readKernelLog(device = '/dev/kmsg'): string[] | undefined {
  if (!pidsAreTheKernels()) return undefined;
  let file: number;
  try {
    file = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    return readRecords(file);
  } finally {
    closeSync(file);
  }
}

/** Whether these records say that a process was killed for memory, in any of the kernel's wordings. */
export function namesOomKill(records: readonly string[], pid: number): boolean {
  const killed = new RegExp(`(Killed process ${pid} \\(|\\boom-kill:.*\\bpid=${pid},)`);
  return records.some((record) => killed.test(record));
}

/** Clocks of the kernel's log and of processes drift apart a little; a process number comes back only after far longer. */
const SLACK_MICROSECONDS = 60_000_000;

/** The records from a moment on: one about an earlier process may name the same number. */
export function recordsSince(records: readonly string[], bootMicroseconds: number): string[] {
  return records.filter((record) => {
    const time = Number(/^\d+,\d+,(\d+),/.exec(record)?.[1] ?? Infinity);
    return time >= bootMicroseconds - SLACK_MICROSECONDS;
  });
}

/** Microseconds since the machine was started, as the kernel's log counts them. */
export function bootMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function readRecords(file: number): string[] {
  const records: string[] = [];
  const buffer = Buffer.alloc(RECORD_BYTES);
  for (;;) {
    try {
      const bytes = readSync(file, buffer);
      if (bytes === 0) return records;
      records.push(buffer.toString('utf8', 0, bytes));
    } catch (error) {
      // EPIPE: the record was overwritten while we read; the next one is there.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return records;
    }
  }
}

function pidsAreTheKernels(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}
