import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Device } from './protocol.js';

const BFLOAT16_SETS = ['avx512_bf16', 'amx_bf16', 'bf16'];

const cpuinfo = (): string => readFileSync('/proc/cpuinfo', 'utf8');

/** Whether the device multiplies bfloat16 in hardware. */
export function hasBfloat16(device: Device, processors = cpuinfo()): boolean {
  if (device === 'gpu') return true;
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(processors)?.[1]?.split(' '));
  return BFLOAT16_SETS.some((name) => flags.has(name));
}

/** Bytes that a program could still take on the device. */
export async function availableMemory(device: Device): Promise<number> {
  if (device === 'gpu') {
    const free = await nvidiaSmi('--query-gpu=memory.free');
    return Math.max(...free.split('\n').map(Number)) * 2 ** 20;
  }
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/**
 * The most memory that a running process has had so far, in bytes: resident on the host, taken on a GPU, where both sides'
 * allocators keep what they once took. Undefined where the driver does not tell whose memory it is, as in some containers.
 */
export async function peakMemory(device: Device, pid: number): Promise<number | undefined> {
  if (device === 'cpu') return residentMemory(pid, 'VmHWM');
  return gpuMemoryOf(pid, await nvidiaSmi('--query-compute-apps=pid,used_gpu_memory'));
}

/** @param table lines `pid, MiB` */
export function gpuMemoryOf(pid: number, table: string): number | undefined {
  const mebibytes = table
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .filter(([owner]) => owner === pid)
    .map(([, used]) => used ?? NaN);
  return mebibytes.length === 0 ? undefined : mebibytes.reduce((sum, used) => sum + used, 0) * 2 ** 20;
}

/** A size of `/proc/PID/status`, in bytes: the present one, or the largest one so far. */
export function residentMemory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status: expected ${field}, got none`);
  return Number(kib) * 1024;
}

/** Seconds that the threads of a running process have spent on processors so far. */
export function processorSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    try {
      return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
    } catch {
      // It has ended since the folder was read.
      return 0;
    }
  });
  return threads.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
}

async function nvidiaSmi(query: string): Promise<string> {
  return (await promisify(execFile)('nvidia-smi', [query, '--format=csv,noheader,nounits'])).stdout.trim();
}

/** Share of the processors that worked during a second, from 0 to 1. */
export async function busyShare(): Promise<number> {
  const before = processorTicks();
  await sleep(1000);
  const after = processorTicks();
  return (after.busy - before.busy) / (after.all - before.all);
}

/** Ticks of all processors since boot; the fourth and fifth are those of idling and of waiting for disks. */
function processorTicks(): { readonly busy: number; readonly all: number } {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').split(/\s+/).map(Number);
  // The last two are guests', which the first two hold already.
  const all = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** What the figures were measured on. */
export async function describeDevice(device: Device): Promise<string> {
  if (device === 'cpu') return `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} processors`;
  return (await nvidiaSmi('--query-gpu=name,driver_version')).replaceAll('\n', '; ');
}
